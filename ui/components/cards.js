// Draws groups of film cards, and tells what a person does with them. The page shows it before the
// server has taken it (see clicks.js). All text is set as text, never as HTML.

const ICONS = {
  save: "M6 3h12v18l-6-4.5L6 21z",
  hide: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  on: "M9 5l7 7-7 7",
};
const OPINIONS = [[1, "Like", "l"], [0, "Seen", "s"], [-1, "Dislike", "d"]];
const MIDDLING = "Seen it, and it was all right";
const IN_A_LINE = 6; // films of a row that are in sight, on a wide page
const DONE = { 1: "Liked", 0: "Marked as seen:", "-1": "Disliked" };

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// ---- A card ------------------------------------------------------------------------------------

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
    return card.rests ? make("p", { class: "k-stars k-quiet", title: card.rests }, "No stars") : null;
  }
  const star = make("span", { "aria-hidden": "true" }, "★");
  return make("p", { class: "k-stars", title: card.rests },
    star, " ", make("b", {}, card.stars), card.range ? ` (${card.range})` : "", " for you");
}

function drawCard(card, kind, old) {
  const open = make("button", {
    type: "button", class: "k-open", "data-do": "open", "aria-label": `About ${card.name}`,
  }, poster(card, old));
  const face = make("div", { class: "k-face" }, open);
  if (kind === "starter") {
    face.append(corner("hide", card, "Haven’t seen it", null));
  } else {
    face.append(
      corner("save", card, card.saved ? "Saved to your watchlist" : "Save to watchlist", String(card.saved)),
      corner("hide", card, "Not interested", String(card.hidden)),
    );
  }
  const why = card.why.length
    ? make("button", {
      type: "button", class: "k-why", "data-do": "why", "aria-label": `Why this? ${card.name}`,
    }, "Why this?") : null;
  return make("article", { class: "k-card", "aria-label": card.name },
    face,
    make("h3", { title: card.title }, card.title),
    card.other ? make("p", { class: "k-other", title: card.other }, card.other) : null,
    make("p", { class: "k-facts", title: card.facts }, card.facts || "\u00a0"),
    stars(card),
    card.hidden ? make("p", { class: "k-stand" }, "Not interested") : null,
    card.stand && !card.hidden ? make("p", { class: "k-stand" }, card.stand) : null,
    why,
    controls(card));
}

// ---- Posters: laid over the drawn ones of the films that are looked at, as they come -------------

const LOOK_AGAIN = 500; // milliseconds
const AT_ONCE = 60;

class Posters {
  constructor(notice) {
    this.notice = notice;
    this.here = new Set();
    this.wanted = new Set();
    this.timer = null;
    this.seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) this.wanted.add(target.dataset.imdb);
        else this.wanted.delete(target.dataset.imdb);
      }
      this.soon(60);
    }, { rootMargin: "100px" });
  }

  watch(place) {
    if (this.here.has(place.dataset.imdb)) this.lay(place);
    else this.seen.observe(place);
  }

  lay(place) {
    this.seen.unobserve(place);
    if (place.querySelector(".k-real")) return;
    const picture = make("img", { class: "k-real", alt: "", width: 200, height: 300, decoding: "async" });
    picture.onerror = () => picture.remove();
    picture.src = `posters/${place.dataset.imdb}`;
    place.append(picture);
  }

  soon(wait) {
    if (this.timer === null && this.wanted.size) {
      this.timer = setTimeout(() => this.ask(), wait);
    }
  }

  async ask() {
    const names = [...this.wanted].slice(0, AT_ONCE);
    try {
      const answer = await fetch(`posters?ids=${names.join(",")}`, { method: "POST" });
      const told = await answer.json();
      for (const name of told.here) this.here.add(name);
      for (const name of names) if (!told.awaited.includes(name)) this.wanted.delete(name);
      for (const place of document.querySelectorAll(".k-poster[data-imdb]")) this.watch(place);
      this.notice.textContent = told.notice || "";
    } catch {
      this.wanted.clear(); // what is scrolled to later is asked for again
    }
    this.timer = null;
    this.soon(LOOK_AGAIN);
  }
}

// ---- The dialog: everything about one film ------------------------------------------------------

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

// ---- Groups of cards -----------------------------------------------------------------------------

function heading(group) {
  const pips = group.pips
    ? make("span", { class: "k-pips", role: "img", "aria-label": `${group.pips[0]} of ${group.pips[1]}` },
      ...Array.from({ length: group.pips[1] }, (_, at) => make("i", { class: at < group.pips[0] ? "k-done" : "" })))
    : null;
  const words = make("div", {},
    make("h2", { id: `k-group-${group.name}` }, group.title),
    group.under || pips ? make("p", {}, pips, group.under) : null);
  const side = make("div", { class: "k-side" });
  for (const [name, label] of group.buttons.filter(([name]) => name !== "more")) {
    side.append(make("button", { type: "button", class: name === "done" ? "k-button k-main" : "k-button", "data-do": name }, label));
  }
  if (group.scrolls) {
    for (const [way, label] of [["back", "Earlier films"], ["on", "Further films"]]) {
      side.append(make("button", {
        type: "button", class: "k-scroll", tabindex: "-1", "aria-hidden": "true", "data-scroll": way, title: label,
      }, icon(way)));
    }
  }
  return make("header", { class: "k-section" }, words, side);
}

function patch(node, wanted, draw) {
  const sign = JSON.stringify(wanted);
  if (node && node.__sign === sign) return node;
  const fresh = draw(wanted, node);
  fresh.__sign = sign;
  if (node) node.replaceWith(fresh);
  return fresh;
}

function drawGroup(section, group) {
  const { cards, ...head } = group;
  head.scrolls = group.layout === "row" && cards.length > IN_A_LINE;
  section.className = `k-group k-${group.layout}`;
  section.setAttribute("aria-labelledby", `k-group-${group.name}`);
  const header = patch(section.querySelector(":scope > header"), head, heading);
  if (!header.parentNode) section.prepend(header);
  let list = section.querySelector(":scope > ul");
  if (!list) section.append(list = make("ul"));
  const old = new Map([...list.children].map((item) => [item.dataset.id, item]));
  let after = null;
  for (const card of cards) {
    const item = old.get(card.id) || make("li", { "data-id": card.id });
    old.delete(card.id);
    const drawn = patch(item.firstElementChild, card, (wanted, was) => drawCard(wanted, group.kind, was));
    if (!drawn.parentNode) item.append(drawn);
    const next = after ? after.nextElementSibling : list.firstElementChild;
    if (next !== item) list.insertBefore(item, next);
    after = item;
  }
  for (const item of old.values()) item.remove();
  const more = group.buttons.find(([name]) => name === "more");
  const footer = section.querySelector(":scope > footer");
  if (!more) footer?.remove();
  else if (!footer) {
    section.append(make("footer", {}, make("button", { type: "button", class: "k-button", "data-do": "more" }, more[1])));
  }
}

// One film of a group is in the way of the Tab key; arrow keys go to the others.
function rove(list, current) {
  const items = [...list.children];
  const chosen = items.includes(current) ? current : items[0];
  for (const item of items) {
    for (const button of item.querySelectorAll("button")) button.tabIndex = item === chosen ? 0 : -1;
  }
}

// ---- What is clicked and not yet taken -----------------------------------------------------------

function acted(card, verb, value) {
  const said = { said: null, saved: false, hidden: false };
  if (verb === "rate") return { ...card, ...said, said: value };
  if (verb === "save") return { ...card, ...said, saved: value };
  return verb === "hide" ? { ...card, ...said, hidden: value } : card;
}

function shown(data, pending) {
  const acts = new Map();
  for (const [, verb, id, value] of pending) acts.set(id, [verb, value]);
  return data.groups.map((group) => ({
    ...group,
    cards: group.cards.flatMap((card) => {
      const [verb, value] = acts.get(card.id) || [];
      const leaves = group.leaves && ((verb === "rate" && value === -1) || (verb === "hide" && value));
      return leaves ? [] : [acted(card, verb, value)];
    }),
  }));
}

// What F5 must not change, as long as the tab is open.
function keepTab(tab) {
  try {
    if (tab) sessionStorage.setItem(kindredStorage.name, JSON.stringify(tab));
  } catch {
    // without a storage, F5 begins anew
  }
}

class Cards {
  constructor(root) {
    this.root = root;
    this.clicks = new Clicks();
    this.opened = null; // the film of the dialog, which may have left the page since
    this.from = null; // where the focus was before
    this.toHeading = false;
    this.dialog = make("dialog", { class: "k-dialog", "aria-labelledby": "k-dialog-title" });
    this.status = make("p", { class: "k-unseen", role: "status" });
    this.groups = make("div");
    const notice = make("p", { class: "k-aside", role: "status" });
    this.posters = new Posters(notice);
    root.append(this.groups, notice, this.dialog, this.status);
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.dialog.addEventListener("close", () => {
      this.opened = null;
      this.refocus(this.from);
    });
    root.addEventListener("focusin", (event) => {
      const item = event.target.closest("li[data-id]");
      if (item) rove(item.parentNode, item);
    });
  }

  update(data, send) {
    for (const card of data.groups.flatMap((group) => group.cards)) {
      card.name = card.year === null ? card.title : `${card.title} (${card.year})`;
      card.facts = [card.year, card.genres].filter(Boolean).join(" · ");
      card.picture = `drawn/${encodeURIComponent(card.id)}?v=${data.version}`;
    }
    this.data = data;
    this.clicks.update(data, send);
    keepTab(data.tab);
    this.draw();
    if (this.toHeading && !this.clicks.pending.length) this.focusHeading();
  }

  draw() {
    const focus = this.focused();
    const wanted = shown(this.data, this.clicks.pending);
    const old = new Map([...this.groups.children].map((section) => [section.dataset.name, section]));
    let after = null;
    for (const group of wanted) {
      const section = old.get(group.name) || make("section", { "data-name": group.name });
      old.delete(group.name);
      drawGroup(section, group);
      const next = after ? after.nextElementSibling : this.groups.firstElementChild;
      if (next !== section) this.groups.insertBefore(section, next);
      after = section;
      rove(section.querySelector("ul"), [...section.querySelectorAll("li")].find((item) => item.contains(document.activeElement)));
    }
    for (const section of old.values()) section.remove();
    if (this.dialog.open) this.redo(this.find(this.dialog.dataset.id));
    this.refocus(focus);
    this.lay();
  }

  lay() {
    if (!this.data.posters) return;
    for (const place of this.root.querySelectorAll(".k-poster[data-imdb]")) this.posters.watch(place);
  }

  focusHeading() {
    this.toHeading = false;
    const heading = this.groups.querySelector("h2");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  }

  redo(card) {
    this.opened = card;
    const held = this.dialog.contains(document.activeElement) && document.activeElement.dataset;
    fillDialog(this.dialog, card, false);
    if (held && held.do) this.control(this.dialog, held)?.focus();
  }

  find(id) {
    const cards = shown(this.data, this.clicks.pending).flatMap((group) => group.cards);
    return cards.find((card) => card.id === id) || (this.opened?.id === id ? this.opened : undefined);
  }

  control(within, wanted) {
    return [...within.querySelectorAll("button")].find(
      (button) => button.dataset.do === wanted.do && button.dataset.value === wanted.value);
  }

  focused() {
    const item = document.activeElement?.closest?.("li[data-id]");
    if (!item || !this.groups.contains(item)) return null;
    return {
      group: item.closest("section").dataset.name, id: item.dataset.id,
      at: [...item.parentNode.children].indexOf(item), wanted: { ...document.activeElement.dataset },
    };
  }

  refocus(focus) {
    if (!focus || this.dialog.open || this.groups.contains(document.activeElement)) return;
    const section = [...this.groups.children].find((one) => one.dataset.name === focus.group);
    const items = section ? [...section.querySelectorAll("li")] : [];
    const item = items.find((one) => one.dataset.id === focus.id) || items[Math.min(focus.at, items.length - 1)];
    if (!item) return;
    rove(item.parentNode, item);
    (this.control(item, focus.wanted) || item.querySelector("button")).focus({ preventScroll: true });
  }

  act(verb, id, value, told) {
    const card = this.find(id);
    const at = kindredStorage.now();
    if (card) kindredStorage.click(card, verb, value, at);
    this.clicks.add(verb, id, value, at);
    if (this.opened?.id === id) this.opened = acted(this.opened, verb, value);
    this.status.textContent = told || "";
    this.draw();
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button || !this.root.contains(button)) return;
    if (button.dataset.scroll) {
      const list = button.closest("section").querySelector("ul");
      const way = button.dataset.scroll === "on" ? 1 : -1;
      list.scrollBy({ left: way * list.clientWidth * 0.9, behavior: "smooth" });
      return;
    }
    const inDialog = this.dialog.contains(button);
    const id = inDialog ? this.dialog.dataset.id : button.closest("li[data-id]")?.dataset.id;
    this.perform(button.dataset.do, id, Number(button.dataset.value), button.closest("section")?.dataset.name);
  }

  perform(what, id, value, group) {
    const card = id === undefined ? null : this.find(id);
    if (what === "close") this.dialog.close();
    else if (!id) {
      this.toHeading = what === "done";
      this.act(what, group, null);
    } else if (!card) return;
    else if (what === "open" || what === "why") this.open(card, what === "why");
    else if (what === "rate") {
      const again = card.said === value;
      const told = again ? `Rating of ${card.name} taken back` : `${DONE[value]} ${card.name}`;
      this.act("rate", id, again ? null : value, told);
    } else if (what === "save") {
      this.act("save", id, !card.saved, card.saved ? `${card.name} is off your watchlist` : `Saved ${card.name}`);
    } else if (what === "hide") {
      if (group === "starters") this.act("pass", id, true, `Another film instead of ${card.name}`);
      else this.act("hide", id, !card.hidden, card.hidden ? `${card.name} is back` : `You will not see ${card.name} again`);
    } else { // to another page, or another film on top of this one
      this.dialog.close();
      this.root.closest("[data-testid=stMain]")?.scrollTo({ top: 0 });
      this.act(what, id, null);
    }
  }

  open(card, why) {
    this.from = this.focused();
    this.opened = card;
    fillDialog(this.dialog, card, true, this.data.posters);
    this.lay();
    this.dialog.showModal();
    const because = why && this.dialog.querySelector(".k-because h3");
    if (because) {
      because.focus();
      because.scrollIntoView({ block: "nearest" });
    }
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.dialog.contains(event.target)) {
      this.letter(event, this.dialog.dataset.id, "");
      return;
    }
    const item = event.target.closest("li[data-id]");
    if (!item) return;
    const items = [...item.parentNode.children];
    const at = items.indexOf(item);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      const other = items[to];
      if (other) {
        rove(item.parentNode, other);
        (this.control(other, event.target.dataset) || other.querySelector("button")).focus();
      }
      event.preventDefault();
      return;
    }
    this.letter(event, item.dataset.id, item.closest("section").dataset.name);
  }

  letter(event, id, group) {
    const key = event.key.toLowerCase();
    const opinion = OPINIONS.find(([, , letter]) => letter === key);
    if (opinion) this.perform("rate", id, opinion[0], group);
    else if (key === "w" && group !== "starters") this.perform("save", id, 0, group);
    else if (key === "n") this.perform("hide", id, 0, group);
    else return;
    event.preventDefault();
  }
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".k-cards");
  root.__cards ||= new Cards(root);
  root.__cards.update(data, setStateValue);
}
