// What a person said, kept by their browser: one document, the same for all tabs of the app. Whoever
// else rates here has one of their own.
//
// Its form is that of a saved taste (recommender/profile.py), with the films that were taken back
// and the time at which all was cleared. It is merged film by film: of two words the later counts.

const LISTS = ["ratings", "watchlist", "hidden", "removed"];
const OPINION = { 1: "like", 0: "seen", "-1": "dislike" };
const TAKEN_BACK = 30 * 24 * 3600 * 1000; // milliseconds: no tab is open for longer
const ENOUGH = 10; // films from which on the browser is asked not to throw them away

const MOST_FORMS = 50; // of tables whose columns were named

const time = (when) => Date.parse(when) || 0;

class Storage {
  constructor() {
    this.name = null; // of the item in localStorage
    this.problem = ""; // why nothing is kept
    this.listener = null; // is told what another tab said
  }

  // Open the document of a person: of oneself, where there is no id.
  open(person, source) {
    this.source = source;
    const name = kindredPeople.name(person);
    if (this.name === name) return;
    this.person = person;
    this.name = name;
    this.films = new Map(); // by source and id
    this.cleared = 0;
    this.latest = 0;
    this.saved = 0; // number of the last change of the server's that is in here
    this.asked = false; // whether the browser was asked not to throw it away
    this.merge(this.read());
  }

  read(name = this.name) {
    try {
      const document = JSON.parse(localStorage.getItem(name) || "{}");
      if (this.problem === "off") this.problem = "";
      return document;
    } catch (error) {
      if (!(error instanceof SyntaxError)) this.problem = "off";
      return {};
    }
  }

  // Add the films of another document, and return those that were news.
  merge(document) {
    const news = {};
    const cleared = time(document.cleared);
    if (cleared > this.cleared) {
      this.cleared = cleared;
      news.cleared = document.cleared;
      for (const [id, film] of this.films) if (film.at <= cleared) this.films.delete(id);
    }
    for (const list of LISTS) {
      for (const film of document[list] || []) {
        const source = film.source ?? document.source;
        const id = `${source} ${film.movie_id}`;
        const at = time(film.when);
        if (at <= this.cleared || at <= (this.films.get(id)?.at ?? 0)) continue;
        this.films.delete(id); // so that the latest is the last
        this.films.set(id, { list, at, source, film });
        this.latest = Math.max(this.latest, at);
        (news[list] ||= []).push({ ...film, source });
      }
    }
    return news;
  }

  document() {
    const document = { kindred_taste: 1, source: this.source, scale: [0.5, 5] };
    if (this.cleared) document.cleared = new Date(this.cleared).toISOString();
    for (const list of LISTS) document[list] = [];
    for (const { list, at, source, film } of this.films.values()) {
      if (list === "removed" && at < Date.now() - TAKEN_BACK) continue;
      document[list].push(source === this.source ? film : { ...film, source });
    }
    return document;
  }

  // Write an item of this person's. Nothing is written of who was removed, in whatever tab.
  put(storage, item, value) {
    if (kindredPeople.has(this.person)) globalThis[storage].setItem(item, JSON.stringify(value));
  }

  save() {
    try {
      this.tell(this.merge(this.read())); // what another tab wrote meanwhile stays
      this.put("localStorage", this.name, this.document());
      this.problem = "";
    } catch (error) {
      this.problem = error.name === "QuotaExceededError" ? "full" : "off";
    }
    if (this.films.size >= ENOUGH && !this.asked) {
      this.asked = true;
      navigator.storage?.persist?.();
    }
  }

  // How tables of other programs are read, by their headings, as the visitor chose; null forgets it.
  columns(chosen = {}) {
    const item = `${this.name}/columns`;
    try {
      const kept = JSON.parse(localStorage.getItem(item)) || {};
      const all = chosen && Object.entries({ ...kept, ...chosen }).slice(-MOST_FORMS);
      const now = all && Object.fromEntries(all);
      if (JSON.stringify(now) !== JSON.stringify(kept)) this.put("localStorage", item, now);
      return kept;
    } catch {
      return {}; // it is chosen again next time
    }
  }

  // A time later than all that is known, whatever the clocks of browser and server say.
  now() {
    this.latest = Math.max(Date.now(), this.latest + 1);
    return this.latest;
  }

  // Write down a click on a card, at the time that the server is told as well.
  click(card, verb, value, at) {
    if (!["rate", "stars", "save", "hide"].includes(verb)) return;
    const { title, year, imdb, tmdb } = card;
    const number = Number(card.id);
    const film = {
      movie_id: String(number) === card.id && Number.isSafeInteger(number) ? number : card.id,
      title, year, imdb_id: imdb || null, tmdb_id: tmdb, when: new Date(at).toISOString(),
    };
    let list = "removed";
    if (verb === "stars") {
      list = "ratings"; // by stars the server tells the opinion; without, it stays
      if (value === null) film.opinion = OPINION[card.said];
      else film.stars = value;
    } else if (verb === "rate" && value !== null) {
      list = "ratings";
      film.opinion = OPINION[value];
    } else if (verb !== "rate" && value) list = verb === "save" ? "watchlist" : "hidden";
    this.merge({ source: this.source, [list]: [film] });
    this.save();
  }

  tell(news) {
    if (this.listener && Object.keys(news).length) this.listener({ source: this.source, ...news });
  }
}

// One for all components of the page.
if (!globalThis.kindredStorage) {
  globalThis.kindredStorage = new Storage();
  addEventListener("storage", ({ key }) => {
    const own = globalThis.kindredStorage;
    if (own.name && key === own.name) own.tell(own.merge(own.read()));
  });
}
