// The film that a page is about, with everything that is known of it.

function figure(percent) {
  return `${percent < 0 ? "−" : ""}${Math.abs(percent)}\u00a0%`;
}

// A bar for each reason; one of several films opens, and shows them.
function reasons(some, longest) {
  const list = make("ol", { class: "k-bars" });
  for (const reason of some) {
    const bar = make("i");
    bar.style.width = `${(100 * Math.abs(reason.percent)) / longest}%`;
    const [only] = reason.films.length === 1 ? reason.films : []; // its title ends the words
    const words = make("span", {}, make("b", {}, figure(reason.percent)),
      ` ${only ? reason.words.slice(0, -only.title.length) : reason.words}`,
      only ? make("cite", {}, only.title) : "");
    const films = reason.films.map(({ percent, title }) => make("li", {},
      `${percent ? figure(percent) : "under 1\u00a0%"} `, make("cite", {}, title)));
    const text = films.length > 1
      ? make("details", {}, make("summary", {}, words), make("ul", {}, ...films)) : words;
    list.append(make("li", { class: reason.percent < 0 ? "k-minus" : "k-plus" }, text, bar));
  }
  return list;
}

async function details(imdb, tries = 12) {
  const answer = await fetch(`details/${imdb}`, { method: "POST" });
  const found = await answer.json();
  if (!found.awaited || !tries) return found;
  await new Promise((done) => { setTimeout(done, LOOK_AGAIN); });
  return details(imdb, tries - 1);
}

// What OMDb says, which may come later; it keeps its place, so that nothing below is moved.
function about(card) {
  const place = make("div", { class: "k-about", role: "status" });
  if (!card.imdb || !card.asks) return place;
  place.append(make("p", { class: "k-quiet" }, "Looking for the plot …"));
  details(card.imdb).then((found) => {
    const facts = [["Director", found.director], ["With", found.actors], ["Runtime", found.runtime]]
      .filter(([, value]) => value);
    place.replaceChildren(
      make("p", found.plot ? {} : { class: "k-quiet" }, found.plot || found.reason || ""),
      ...facts.map(([name, value]) => make("p", {}, make("b", {}, `${name}: `), value)));
  }).catch(() => place.replaceChildren());
  return place;
}

function pressable(what, card, on, words, wordsOn) {
  return make("button", {
    type: "button", class: "k-button", "data-do": what, "aria-pressed": String(on), "aria-label": `${on ? wordsOn : words}: ${card.name}`,
  }, on ? wordsOn : words);
}

function drawFilm(card, old) {
  const link = ([label, address]) => make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
  const text = make("div", { class: "k-text" },
    card.other ? make("p", { class: "k-other" }, card.other) : null,
    make("p", { class: "k-quiet" }, card.facts),
    card.known ? make("p", { class: "k-quiet" }, card.known) : null,
    make("div", { class: "k-own" }, controls(card), halves(card)),
    make("div", { class: "k-do" },
      pressable("save", card, card.saved, "Save to watchlist", "On your watchlist"),
      pressable("hide", card, card.hidden, "Not interested", "Not interested: undo")),
    stars(card),
    card.rests ? make("p", { class: "k-quiet" }, card.rests) : null,
    old?.querySelector(".k-about") || about(card),
    make("p", { class: "k-links" }, ...card.links.map(link)));
  const longest = Math.max(1, ...card.why.map((reason) => Math.abs(reason.percent)));
  const against = card.why.filter((reason) => reason.percent < 0);
  const why = make("section", { class: "k-because", "aria-labelledby": "k-because" },
    make("h3", { id: "k-because" }, card.why.length ? "Why it is recommended" : "Why it is not on your list"),
    make("p", {}, card.sentence),
    card.why.length ? reasons(card.why.filter((reason) => reason.percent >= 0), longest) : null,
    against.length ? make("h4", {}, "What speaks against it") : null,
    against.length ? reasons(against, longest) : null,
    card.why.length ? make("button", { type: "button", class: "k-plain", "data-do": "how" }, "The whole calculation") : null);
  return make("article", { class: "k-film", "aria-label": card.name },
    make("div", { class: "k-face" }, poster(card, old)), text, card.sentence ? why : null);
}
