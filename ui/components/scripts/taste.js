// Speaks for the browser's storage to the server, and draws the button that goes one step back. A
// button of Streamlit's loses one of two fast presses.

const LINK = /^#((taste|together)=[^&]*)/;

function inText(target) {
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

// The tastes in the address, with the name of what they are: of a link that somebody was sent. Links
// of before have one in the query, which servers and their logs see.
function linked() {
  const before = new URLSearchParams(location.search).get("taste");
  return LINK.exec(location.hash)?.[1] ?? (before ? `taste=${before}` : "");
}

const codeOf = (link) => link.slice(link.indexOf("=") + 1);

// What the address names: the film that the page is about, and no other, and the tastes of a link.
function clean(link, film) {
  const address = new URL(location.href);
  address.searchParams.delete("taste");
  if (film) address.searchParams.set("film", film);
  else address.searchParams.delete("film");
  address.hash = link;
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}

function tab() {
  try {
    return JSON.parse(sessionStorage.getItem(kindredStorage.name));
  } catch {
    return null;
  }
}

class Taste {
  constructor(button) {
    this.clicks = new Clicks();
    this.button = button;
    this.asked = null; // the visit that was told what is kept
    this.problem = ""; // that the server knows of
    this.written = ""; // the last change of the people that was written down
    button.onclick = () => this.clicks.add("undo", "", null);
  }

  update(data, send) {
    const isNew = this.clicks.visit !== data.visit;
    const isHandedOn = isNew && kindredStorage.name !== null && kindredStorage.person !== data.person;
    kindredPeople.open(data.storage);
    kindredPeople.listener = (news) => this.clicks.add("people", "", news);
    kindredStorage.open(data.person, data.source);
    kindredStorage.listener = (news) => this.clicks.add("changes", "", news);
    if (isNew) kindredStorage.saved = 0; // each visit counts anew
    if (isHandedOn) {
      this.problem = "";
      kindredShown.restart();
    }
    this.clicks.update(data, send);
    kindredLeaving.update(data.page);
    this.writePeople(data);
    kindredStorage.columns(JSON.parse(data.columns));
    if (data.changes && data.number !== kindredStorage.saved) {
      if (Date.parse(data.changes.cleared) > kindredStorage.cleared) {
        kindredStorage.columns(null);
        kindredShown.forget();
      }
      kindredStorage.merge(data.changes);
      kindredStorage.save();
      kindredStorage.saved = data.number;
    }
    if (data.known) {
      // Or all of it would be sent again with each click, as Streamlit repeats every state.
      if (this.asked !== null && kindredStorage.films.size) this.clicks.again();
      this.asked = null;
    } else if (this.asked !== data.visit) {
      this.asked = data.visit;
      // What is in the address was for whoever rated before.
      const link = isHandedOn ? "" : linked();
      clean(link, new URLSearchParams(location.search).get("film"));
      this.clicks.add("document", "", {
        document: kindredStorage.document(), columns: kindredStorage.columns(), link: codeOf(link),
        shown: kindredShown.before(), tab: tab(), people: data.met ? null : kindredPeople.all(),
      });
    }
    if (this.problem !== kindredStorage.problem) {
      this.problem = kindredStorage.problem;
      this.clicks.add("storage", "", kindredStorage.problem);
    }
    if (data.known) kindredPeople.rates(data.person);
    if (data.known && !this.clicks.pending.length) clean(data.link && `taste=${data.link}`, data.film);
    this.place ||= new Place();
    this.place.update();
    this.button.disabled = !data.step;
    this.button.title = data.step;
    this.button.setAttribute("aria-label", data.step || "Undo: nothing to undo yet");
  }

  // Write down who is here, once for each change, and say so.
  writePeople(data) {
    if (!data.people || this.written === data.people) return;
    this.written = data.people;
    this.clicks.add("people", "", kindredPeople.write(JSON.parse(data.people), data.source));
  }

  pressed(event) {
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (!undo || inText(event.target)) return;
    event.preventDefault();
    this.clicks.add("undo", "", null); // also while the button waits for the answer to a first click
  }
}

export default function ({ parentElement, data, setStateValue }) {
  const button = parentElement.querySelector("button");
  const taste = (button.__taste ||= new Taste(button));
  taste.update(data, setStateValue);
  const key = (event) => taste.pressed(event);
  const link = () => taste.clicks.add("link", "", codeOf(linked()));
  taste.forget?.();
  document.addEventListener("keydown", key);
  addEventListener("hashchange", link);
  taste.forget = () => {
    document.removeEventListener("keydown", key);
    removeEventListener("hashchange", link);
  };
  return taste.forget;
}
