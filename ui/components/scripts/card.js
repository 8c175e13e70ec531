// A card: one film with its facts, and what is said of it.

const OPINIONS = [[1, "Like", "l"], [0, "Seen", "s"], [-1, "Dislike", "d"]];
const MIDDLING = "Seen it, and it was all right";

function controls(card) {
  const row = make("div", { class: "k-say", role: "group", "aria-label": `Rate ${card.name}` });
  for (const [value, word] of OPINIONS) {
    row.append(make("button", {
      type: "button", "data-do": "rate", "data-value": value,
      "aria-pressed": String(card.said === value), "aria-label": `${word} ${card.name}`,
      title: value === 0 ? MIDDLING : null,
    }, word));
  }
  return row;
}

// Half a star for each button: one of the ten is in the way of the Tab key, arrows go to the others.
function halves(card) {
  const row = make("div", { class: "k-halves", role: "group", "aria-label": `Stars for ${card.name}` });
  for (let half = 1; half <= 10; half += 1) {
    const value = half / 2;
    row.append(make("button", {
      type: "button", class: `k-half ${half % 2 ? "k-left" : "k-right"}`, "data-do": "stars", "data-value": value,
      "aria-pressed": String(card.own === value), "aria-label": `${value} ${value === 1 ? "star" : "stars"} for ${card.name}`,
      title: `${value} ${value === 1 ? "star" : "stars"}`, tabindex: value === (card.own ?? 0.5) ? "0" : "-1",
    }, make("span", { class: card.own >= value ? "k-lit" : "", "aria-hidden": "true" }, "★")));
  }
  return row;
}

function corner(what, card, label, pressed) {
  return make("button", {
    type: "button", class: `k-corner k-${what}`, "data-do": what, title: label,
    "aria-label": `${label}: ${card.name}`, "aria-pressed": pressed,
  }, icon(what));
}

// A picture that is there already is kept: to draw it anew takes longer than all the words.
function poster(card, old) {
  const there = old?.querySelector(".k-poster");
  if (there && there.firstChild.getAttribute("src") === card.picture) return there;
  const picture = make("img", {
    src: card.picture, alt: "", width: 200, height: 300, loading: "lazy", decoding: "async",
  });
  return make("div", { class: "k-poster", "data-imdb": card.imdb || null }, picture);
}

function stars(card) {
  if (card.stars === null) {
    return card.no_stars ? make("p", { class: "k-stars k-quiet", title: card.rests }, card.no_stars) : null;
  }
  const star = make("span", { "aria-hidden": "true" }, "★");
  return make("p", { class: "k-stars", title: card.rests },
    star, " ", make("b", {}, card.stars), card.range ? ` (${card.range})` : "", " for you");
}

// What the film is to each of several people: a bar, behind which is why.
function members(card, old) {
  if (!card.members) return null;
  const before = [...(old?.querySelectorAll(".k-members details") ?? [])];
  return make("ul", { class: "k-members" }, ...card.members.map((member, at) => {
    const bar = make("i");
    bar.style.width = `${member.bar}%`;
    return make("li", { class: `k-person-${member.colour}` }, make("details", { open: before[at]?.open ? "" : null },
      make("summary", {}, make("b", {}, member.name), make("span", {}, member.stand),
        make("span", { class: "k-measure", "aria-hidden": "true" }, bar)),
      make("p", {}, member.why)));
  }));
}

function drawCard(card, kind, old) {
  const open = make("a", { class: "k-open", href: card.address, "data-do": "film", "aria-label": card.name }, poster(card, old));
  const face = make("div", { class: "k-face" }, open);
  if (kind === "starter") {
    face.append(corner("hide", card, "Haven’t seen it", null));
  } else {
    face.append(
      corner("save", card, card.saved ? "On your watchlist" : "Save to watchlist", String(card.saved)),
      corner("hide", card, "Not interested", String(card.hidden)),
    );
  }
  return make("article", { class: "k-card", "aria-label": card.name },
    face,
    make("h3", { title: card.title }, card.title),
    card.other ? make("p", { class: "k-other", title: card.other }, card.other) : null,
    make("p", { class: "k-facts", title: card.facts }, card.facts || "\u00a0"),
    stars(card),
    card.hidden ? make("p", { class: "k-stand" }, "Not interested") : null,
    card.stand && !card.hidden ? make("p", { class: "k-stand" }, card.stand) : null,
    card.short ? make("p", { class: "k-why" }, card.short) : null,
    members(card, old),
    controls(card));
}
