// What was clicked and not yet taken, for every component of our own.
//
// Every click is kept with a number, until the server has said that it took it: a run of the app may
// be abandoned for the next, and no click may be lost with it. They bear the name of the visit they
// are of. A server that began anew learns what was clicked before from the storage, not from here.

const LONGEST_LEAVE = 4000; // milliseconds

// While a page is left nothing is sent: with it Streamlit names the page that it still shows, and
// would lead back there.
class Leaving {
  constructor() {
    this.page = null; // that the server drew last
    this.from = null; // the page that is left
    this.held = new Set();
    addEventListener("click", ({ target }) => {
      const link = target.closest?.("[data-testid=stPageLink] a");
      if (link && link.getAttribute("aria-current") !== "page") this.leave();
    }, true);
    addEventListener("popstate", () => { if (location.pathname !== this.path) this.leave(); });
  }

  leave() {
    this.from = this.page;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(), LONGEST_LEAVE);
  }

  holds(clicks) {
    if (this.from !== null) this.held.add(clicks);
    return this.from !== null;
  }

  // Called at each run.
  update(page) {
    this.page = page;
    this.path = location.pathname;
    if (page !== this.from) this.release();
  }

  release() {
    this.from = null;
    for (const clicks of this.held) clicks.again();
    this.held.clear();
  }
}

globalThis.kindredLeaving ||= new Leaving();

class Clicks {
  constructor() {
    this.pending = [];
    this.last = 0;
  }

  update(data, send) {
    this.send = send;
    if (this.visit !== data.visit) this.pending = [];
    this.visit = data.visit;
    this.last = Math.max(this.last, data.ack);
    this.pending = this.pending.filter(([number]) => number > data.ack);
    kindredAway.note(this, this.pending.length);
  }

  add(verb, id, value, at = kindredStorage.now()) {
    this.pending.push([++this.last, verb, id, value, this.visit, at, kindredStorage.saved]);
    kindredAway.note(this, this.pending.length);
    this.again();
  }

  again() {
    if (kindredLeaving.holds(this)) return;
    this.send("acts", this.pending.map((act) => [...act]));
  }
}

