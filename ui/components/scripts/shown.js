// On how many days each recommended film was in sight. The browser keeps it under a key of its own;
// it is in no link and no file. A tab works with what was kept when it was opened.

const IN_SIGHT = 1000; // milliseconds after which a film was looked at
const MOST_SHOWN = 2000; // films, the latest

// The day where the visitor is, as 2026-11-30.
function today() {
  const now = new Date();
  return new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

class Shown {
  constructor() {
    this.waits = new Map(); // of the cards in sight
    this.due = new Set(); // films that are to be written down
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.seen(entry)), { threshold: 0.5 });
    this.restart();
  }

  // Begin anew, for another person: what is in sight is seen by them from now on.
  restart() {
    for (const wait of this.waits.values()) clearTimeout(wait);
    this.waits.clear();
    this.due.clear();
    this.observer.disconnect();
    this.watched = new WeakSet();
  }

  get item() {
    return `${kindredStorage.name}/shown`;
  }

  // Days and last day of each film, by source and id; what was cleared since is not there.
  read(storage) {
    try {
      const kept = JSON.parse(globalThis[storage].getItem(this.item));
      return kept.cleared >= kindredStorage.cleared ? kept.films : null;
    } catch {
      return null;
    }
  }

  write(storage, films) {
    const latest = Object.fromEntries(Object.entries(films).slice(-MOST_SHOWN));
    try {
      kindredStorage.put(storage, this.item, { cleared: kindredStorage.cleared, films: latest });
    } catch {
      // without a storage, or with a full one, no more films count as shown
    }
  }

  // What was shown before this tab was opened: ids of this source, and on how many days.
  before() {
    const begin = `${kindredStorage.source}\t`;
    let films = this.read("sessionStorage");
    if (!films) this.write("sessionStorage", films = this.read("localStorage") ?? {});
    return Object.entries(films).filter(([film]) => film.startsWith(begin))
      .map(([film, [days]]) => [film.slice(begin.length), days]);
  }

  watch(cards) {
    for (const card of cards) {
      if (this.watched.has(card)) continue;
      this.watched.add(card);
      this.observer.observe(card);
    }
  }

  seen({ target, isIntersecting }) {
    clearTimeout(this.waits.get(target));
    this.waits.delete(target);
    if (!isIntersecting) return;
    this.waits.set(target, setTimeout(() => {
      this.waits.delete(target);
      if (!this.due.size) setTimeout(() => this.note(), 0); // for all cards at once
      this.due.add(`${kindredStorage.source}\t${target.dataset.id}`);
    }, IN_SIGHT));
  }

  note() {
    const films = this.read("localStorage") ?? {};
    const day = today();
    for (const film of this.due) {
      const [days, last] = films[film] ?? [0, ""];
      if (last === day) continue;
      delete films[film]; // so that the latest is the last
      films[film] = [days + 1, day];
    }
    this.due.clear();
    this.write("localStorage", films);
  }

  forget() {
    this.due.clear();
    for (const storage of STORAGES) {
      try {
        globalThis[storage].removeItem(this.item);
      } catch {
        // there is none
      }
    }
  }
}

// One for all components of the page.
globalThis.kindredShown ||= new Shown();
