// A list: a line for each film, to be looked through and rated one after the other.

function drawLine(card, old) {
  const title = make("a", { class: "k-title", href: card.address, "data-do": "film" }, card.title);
  const remove = make("button", {
    type: "button", class: "k-remove", "data-do": "remove", title: "Remove",
    "aria-label": `Remove ${card.name}`,
  }, icon("remove"));
  const place = card.saved ? "On your watchlist" : card.hidden ? "Not interested" : null;
  return make("article", { class: "k-line", "aria-label": card.name },
    poster(card, old),
    make("div", { class: "k-words" },
      make("h3", {}, title),
      card.other ? make("p", { class: "k-other" }, card.other) : null,
      make("p", { class: "k-facts" }, card.facts || "\u00a0"),
      stars(card),
      card.stand ? make("p", { class: "k-stand" }, card.stand) : null,
      place && !card.stars ? make("p", { class: "k-stand" }, place) : null),
    halves(card), controls(card), remove);
}

// Whether a film leaves a list: nothing is said of it any more.
function unsaid(card) {
  return card.said === null && !card.saved && !card.hidden;
}

// What a key does to the film of a line; undefined where it does nothing.
function lineKey(key, card) {
  if (key === "Delete" || key === "Backspace") return ["remove"];
  const whole = Number(key);
  if (!(whole >= 1 && whole <= 5)) return undefined;
  return ["stars", card.own === whole ? whole - 0.5 : whole];
}
