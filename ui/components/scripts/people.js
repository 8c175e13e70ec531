// The people on this device: their names, and whether they watch tonight. Each has a document and
// items of their own, whose names begin as that of the document does.
//
// Several tabs write the list. Whoever this tab has met, and who is in the list no more, was removed
// in another one: nothing brings them back, and nothing of theirs stays.

const STORAGES = ["localStorage", "sessionStorage"]; // by name: where they are off, to name them fails

class People {
  constructor() {
    this.home = null; // name of one's own document
    this.met = new Set(); // their ids
    this.listener = null; // is told of what another tab wrote
    addEventListener("storage", ({ key }) => {
      if (this.home === null || key !== this.item) return;
      this.sweep();
      this.listener?.(this.news());
    });
  }

  open(home) {
    if (this.home === home) return;
    this.home = home;
    this.sweep();
  }

  get item() {
    return `${this.home}/people`;
  }

  // Name of a person's document.
  name(id) {
    return id ? `${this.home}/person/${id}` : this.home;
  }

  // The list; null where it cannot be read.
  read() {
    try {
      return { people: [], ...JSON.parse(localStorage.getItem(this.item)) };
    } catch {
      return null;
    }
  }

  has(id) {
    return !id || !!this.read()?.people.some((person) => person.id === id);
  }

  // What is kept of everybody, for a server that knows nobody yet.
  all() {
    this.met.clear();
    let rating = "";
    try {
      rating = sessionStorage.getItem(`${this.home}/rating`) ?? "";
    } catch {
      // without a storage, F5 begins with oneself
    }
    return { ...this.news(), rating };
  }

  // The list, and the documents of those that this tab meets only now.
  news() {
    const kept = this.read();
    const documents = {};
    for (const { id } of kept?.people ?? []) {
      if (!this.met.has(id)) documents[id] = kindredStorage.read(this.name(id));
      this.met.add(id);
    }
    return { kept, documents };
  }

  // Write what the server changed, and return what is kept then.
  write({ number, own, people, gone, documents }, source) {
    const kept = this.read() ?? { people: [] };
    try {
      kept.own = own;
      for (const person of people) {
        const at = kept.people.findIndex(({ id }) => id === person.id);
        if (at >= 0) kept.people[at] = person;
        else if (!this.met.has(person.id)) kept.people.push(person);
        this.met.add(person.id);
      }
      kept.people = kept.people.filter(({ id }) => !gone.includes(id));
      localStorage.setItem(this.item, JSON.stringify(kept));
    } catch (error) {
      kindredStorage.problem = error.name === "QuotaExceededError" ? "full" : "off";
    }
    this.sweep();
    const tastes = {};
    for (const [id, { changes, number: taste }] of Object.entries(documents)) {
      const document = new Storage();
      document.open(id, source);
      document.merge(changes);
      document.save();
      kindredStorage.problem ||= document.problem;
      tastes[id] = taste;
    }
    return { ...this.news(), number, tastes };
  }

  // Keep for F5 who is rating in this tab.
  rates(id) {
    const item = `${this.home}/rating`;
    try {
      if (!id) sessionStorage.removeItem(item);
      else if (this.has(id)) sessionStorage.setItem(item, id);
    } catch {
      // without a storage, F5 begins with oneself
    }
  }

  // Remove every trace of those who are not in the list.
  sweep() {
    const kept = this.read();
    if (!kept) return;
    const here = new Set(kept.people.map(({ id }) => id));
    for (const name of STORAGES) {
      try {
        const storage = globalThis[name];
        for (const item of Object.keys(storage)) {
          const [, id] = item.split(`${this.home}/person/`);
          if (id && !here.has(id.split("/")[0])) storage.removeItem(item);
        }
        if (!here.has(storage.getItem(`${this.home}/rating`))) storage.removeItem(`${this.home}/rating`);
      } catch {
        // there is none
      }
    }
  }
}

// One for all components of the page.
globalThis.kindredPeople ||= new People();
