// What was clicked and not yet taken, for every component of our own.
//
// Every click is kept with a number, until the server has said that it took it: a run of the app may
// be abandoned for the next, and no click may be lost with it. They bear the name of the visit they
// are of. A server that began anew learns what was clicked before from the storage, not from here.

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
    this.send("acts", this.pending.map((act) => [...act]));
  }
}

