// Groups of films: cards in rows and grids, and lists.

const IN_A_LINE = 6; // films of a row that are in sight, on a wide page

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
    for (const [way, label] of [["back", "Previous films"], ["on", "Next films"]]) {
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

function drawItem(group, card, old) {
  if (group.layout === "list") return drawLine(card, old);
  return group.kind === "one" ? drawFilm(card, old) : drawCard(card, group.kind, old);
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
    const drawn = patch(item.firstElementChild, card, (wanted, was) => drawItem(group, wanted, was));
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
    const halves = [...item.querySelectorAll(".k-half")];
    const half = halves.find((one) => one === document.activeElement)
      ?? halves.find((one) => one.getAttribute("aria-pressed") === "true") ?? halves[0];
    for (const button of item.querySelectorAll("a, button, summary")) {
      button.tabIndex = item === chosen && (!halves.includes(button) || button === half) ? 0 : -1;
    }
  }
}
