// Draws groups of film cards, and tells what a person does with them. The page shows it before the
// server has taken it (see clicks.js). All text is set as text, never as HTML.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const DONE = { 1: "Liked", 0: "Marked as seen:", "-1": "Disliked" };

// ---- What is clicked and not yet taken -----------------------------------------------------------

function acted(card, verb, value, scale) {
  const said = { said: null, own: null, saved: false, hidden: false };
  if (verb === "stars") {
    const opinion = value >= scale.like ? 1 : value <= scale.dislike ? -1 : 0;
    return { ...card, ...said, said: value === null ? card.said : opinion, own: value };
  }
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
      const now = acted(card, verb, value, data.scale);
      return leaves || (group.layout === "list" && unsaid(now)) ? [] : [now];
    }),
  }));
}

// What F5 must not change, as long as the tab is open.
function keepTab(tab) {
  try {
    kindredStorage.put("sessionStorage", kindredStorage.name, tab);
  } catch {
    // without a storage, F5 begins anew
  }
}

class Cards {
  constructor(root) {
    this.root = root;
    this.clicks = new Clicks();
    this.toHeading = false;
    this.status = make("p", { class: "k-unseen", role: "status" });
    this.groups = make("div");
    const notice = make("p", { class: "k-aside", role: "status" });
    this.posters = new Posters(notice);
    root.append(this.groups, notice, this.status);
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
    root.addEventListener("focusin", (event) => {
      const item = event.target.closest("li[data-id]");
      if (item) rove(item.parentNode, item);
    });
  }

  update(data, send) {
    for (const card of data.groups.flatMap((group) => group.cards)) {
      card.name = card.year === null ? card.title : `${card.title} (${card.year})`;
      card.facts = [card.year, card.genres].filter(Boolean).join(" · ");
      card.address = `film?film=${encodeURIComponent(card.id)}`;
      card.asks = data.posters;
      card.picture = `drawn/${encodeURIComponent(card.id)}?v=${data.version}`;
    }
    this.data = data;
    this.clicks.update(data, send);
    if (this.isOfWhoRates()) keepTab(data.tab);
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
    const about = wanted.find((group) => group.kind === "one")?.cards[0]?.id;
    if (about === this.about) this.refocus(focus);
    else if (this.groups.contains(document.activeElement)) document.activeElement.blur(); // another page
    this.about = about;
    this.lay();
    for (const { name } of wanted.filter((group) => group.counted)) {
      kindredShown.watch(this.groups.querySelectorAll(`[data-name="${CSS.escape(name)}"] li`));
    }
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

  find(id) {
    return shown(this.data, this.clicks.pending).flatMap((group) => group.cards).find((card) => card.id === id);
  }

  control(within, wanted) {
    return [...within.querySelectorAll("button, a")].find(
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
    if (!focus || this.groups.contains(document.activeElement)) return;
    const section = [...this.groups.children].find((one) => one.dataset.name === focus.group);
    const items = section ? [...section.querySelectorAll("li[data-id]")] : [];
    const item = items.find((one) => one.dataset.id === focus.id) || items[Math.min(focus.at, items.length - 1)];
    if (!item) return;
    rove(item.parentNode, item);
    (this.control(item, focus.wanted) || item.querySelector("a, button")).focus({ preventScroll: true });
  }

  // The page may still show cards of whoever rated before: they are nobody's to be clicked.
  isOfWhoRates() {
    return this.data.person === kindredStorage.person;
  }

  act(verb, id, value, told) {
    if (!this.isOfWhoRates()) return;
    const card = this.find(id);
    const at = kindredStorage.now();
    if (card) kindredStorage.click(card, verb, value, at);
    this.clicks.add(verb, id, value, at);
    this.status.textContent = told || "";
    this.draw();
  }

  clicked(event) {
    const button = event.target.closest("button, a");
    if (!button?.dataset.do && !button?.dataset.scroll) return;
    if (button.dataset.scroll) {
      const list = button.closest("section").querySelector("ul");
      const way = button.dataset.scroll === "on" ? 1 : -1;
      list.scrollBy({ left: way * list.clientWidth * 0.9, behavior: calm.matches ? "auto" : "smooth" });
      return;
    }
    if (button.localName === "a") {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab or window of its own
      event.preventDefault();
    }
    const id = button.closest("li[data-id]")?.dataset.id;
    this.perform(button.dataset.do, id, Number(button.dataset.value), button.closest("section")?.dataset.name);
  }

  perform(what, id, value, group) {
    const card = id === undefined ? null : this.find(id);
    if (!id) {
      this.toHeading = what === "done";
      this.act(what, group, null);
    } else if (!card) return;
    else if (what === "rate") {
      const again = card.said === value;
      if (again && this.isList(group)) return; // the button beside it removes
      const told = again ? `Rating of ${card.name} taken back` : `${DONE[value]} ${card.name}`;
      this.act("rate", id, again ? null : value, told);
    } else if (what === "stars") {
      const again = card.own === value;
      this.act("stars", id, again ? null : value, again ? `Stars of ${card.name} taken back` : `${value} stars for ${card.name}`);
    } else if (what === "remove") {
      const [verb, none] = card.said !== null ? ["rate", null] : [card.saved ? "save" : "hide", false];
      this.act(verb, id, none, `Removed ${card.name}`);
    } else if (what === "save") {
      this.act("save", id, !card.saved, card.saved ? `Took ${card.name} off your watchlist` : `Saved ${card.name} to your watchlist`);
    } else if (what === "hide") {
      if (group === "starters") this.act("pass", id, true, `Another film instead of ${card.name}`);
      else this.act("hide", id, !card.hidden, card.hidden ? `${card.name} may be recommended again` : `${card.name} will not be recommended`);
    } else this.act(what, id, null); // to another page
  }

  isList(group) {
    return this.data.groups.some(({ name, layout }) => name === group && layout === "list");
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = event.target.closest("li[data-id]");
    if (!item) return;
    const group = item.closest("section").dataset.name;
    const list = this.isList(group);
    const across = list && ["ArrowUp", "ArrowDown"].includes(event.key);
    const half = across ? null : event.target.closest(".k-half");
    const items = [...(half ?? item).parentNode.children];
    const at = items.indexOf(half ?? item);
    const [on, back] = list && !half ? ["ArrowDown", "ArrowUp"] : ["ArrowRight", "ArrowLeft"];
    const to = { [on]: at + 1, [back]: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      const other = items[to];
      if (half) other?.focus();
      else if (other) {
        rove(item.parentNode, other);
        (this.control(other, event.target.dataset) || other.querySelector("a, button")).focus();
      }
      event.preventDefault();
      return;
    }
    const id = item.dataset.id;
    const wanted = list && lineKey(event.key, this.find(id));
    if (wanted) {
      event.preventDefault();
      this.perform(wanted[0], id, wanted[1], group);
    } else this.letter(event, id, group);
  }

  letter(event, id, group) {
    const key = event.key.toLowerCase();
    const opinion = OPINIONS.find(([, , letter]) => letter === key);
    if (opinion) this.perform("rate", id, opinion[0], group);
    else if (this.isList(group)) return;
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
