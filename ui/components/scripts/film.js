// Everything about one film.

function figure(percent) {
  return `${percent < 0 ? "−" : ""}${Math.abs(percent)}\u00a0%`;
}

function bars(card) {
  const longest = Math.max(1, ...card.why.map((line) => Math.abs(line.percent)));
  const list = make("ol", { class: "k-bars" });
  for (const line of card.why) {
    const bar = make("i");
    bar.style.width = `${(100 * Math.abs(line.percent)) / longest}%`;
    list.append(make("li", { class: line.percent < 0 ? "k-minus" : "k-plus" },
      make("span", {}, make("b", {}, figure(line.percent)), ` ${line.why} `, make("cite", {}, line.title)),
      bar));
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

function about(card, ask) {
  const place = make("div", { class: "k-about", role: "status" });
  if (!card.imdb || !ask) return place;
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

function fillDialog(dialog, card, fresh, ask) {
  const close = make("button", { type: "button", class: "k-close", "aria-label": "Close", "data-do": "close" }, icon("hide"));
  const told = fresh ? about(card, ask) : dialog.querySelector(".k-about");
  const links = make("p", { class: "k-links" },
    make("button", { type: "button", "data-do": "save", "aria-pressed": String(card.saved) },
      card.saved ? "On your watchlist" : "Save to watchlist"),
    make("button", { type: "button", "data-do": "hide", "aria-pressed": String(card.hidden) },
      card.hidden ? "Interested after all" : "Not interested"),
    make("button", { type: "button", "data-do": "similar" }, "Films like this"),
    card.why.length ? make("button", { type: "button", "data-do": "how" }, "The whole calculation") : null);
  const because = card.why.length
    ? make("section", { class: "k-because" },
      make("h3", { tabindex: "-1" }, "Why this film?"), make("p", {}, card.sentence), bars(card))
    : null;
  const text = make("div", {},
    make("h2", { id: "k-dialog-title" }, card.name),
    make("p", { class: "k-quiet" }, card.facts),
    stars(card),
    card.rests ? make("p", { class: "k-quiet" }, card.rests) : null,
    make("p", { class: "k-quiet" }, [card.stand, card.known].filter(Boolean).join(" · ")),
    told, controls(card), links);
  const top = make("div", { class: "k-top" }, poster(card, fresh ? null : dialog), text);
  dialog.replaceChildren(close, top);
  if (because) dialog.append(because);
  dialog.dataset.id = card.id;
}
