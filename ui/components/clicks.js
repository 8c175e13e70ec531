// What was clicked and not yet taken, for every component of our own.
//
// Every click is kept with a number, until the server has said that it took it: a run of the app may
// be abandoned for the next, and no click may be lost with it. They bear the name of the visit they
// are of, for a server that began anew is sent the old ones as well, and the time, by which clicks on
// several components are put in order.

class Clicks {
  constructor() {
    this.pending = [];
    this.last = 0;
  }

  update(data, send) {
    this.send = () => send("acts", this.pending.map((act) => [...act]));
    if (this.visit === undefined || this.visit === data.visit) {
      this.last = Math.max(this.last, data.ack);
      this.pending = this.pending.filter(([number]) => number > data.ack);
    } else { // what the server did not take before it began anew is given to it again
      this.last = data.ack;
      this.pending = this.pending.map(([, ...act]) => [++this.last, ...act.with(3, data.visit)]);
      if (this.pending.length) this.send();
    }
    this.visit = data.visit;
  }

  add(verb, id, value) {
    this.pending.push([++this.last, verb, id, value, this.visit, performance.now()]);
    this.send();
  }
}

