// Speaks for the browser's storage to the server, and draws the button that goes one step back. A
// button of Streamlit's loses one of two fast presses.

const LINK = /^#taste=([^&]*)/;

function inText(target) {
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

// The taste in the address: of a link that somebody was sent. Links of before have it in the query,
// which servers and their logs see.
function linked() {
  return LINK.exec(location.hash)?.[1] ?? new URLSearchParams(location.search).get("taste") ?? "";
}

// What the address names: the film that the page is about, and no other, and the taste of a link.
function clean(code, film) {
  const address = new URL(location.href);
  address.searchParams.delete("taste");
  if (film) address.searchParams.set("film", film);
  else address.searchParams.delete("film");
  address.hash = code ? `taste=${code}` : "";
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
    button.onclick = () => this.clicks.add("undo", "", null);
  }

  update(data, send) {
    kindredStorage.open(data.storage, data.source);
    kindredStorage.listener = (news) => this.clicks.add("changes", "", news);
    if (this.clicks.visit !== data.visit) kindredStorage.saved = 0; // each visit counts anew
    this.clicks.update(data, send);
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
      if (this.asked !== null && kindredStorage.films.size) send("acts", this.clicks.pending);
      this.asked = null;
    } else if (this.asked !== data.visit) {
      this.asked = data.visit;
      const link = linked();
      clean(link, new URLSearchParams(location.search).get("film"));
      const [document, columns] = [kindredStorage.document(), kindredStorage.columns()];
      this.clicks.add("document", "", { document, columns, link, shown: kindredShown.before(), tab: tab() });
    }
    if (this.problem !== kindredStorage.problem) {
      this.problem = kindredStorage.problem;
      this.clicks.add("storage", "", kindredStorage.problem);
    }
    if (data.known && !this.clicks.pending.length) clean(data.link, data.film);
    this.place ||= new Place();
    this.place.update();
    this.button.disabled = !data.step;
    this.button.title = data.step;
    this.button.setAttribute("aria-label", data.step || "Undo: nothing to take back yet");
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
  const link = () => taste.clicks.add("link", "", linked());
  taste.forget?.();
  document.addEventListener("keydown", key);
  addEventListener("hashchange", link);
  taste.forget = () => {
    document.removeEventListener("keydown", key);
    removeEventListener("hashchange", link);
  };
  return taste.forget;
}
