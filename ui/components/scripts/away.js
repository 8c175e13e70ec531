// Says that a visitor is offline, or that the server has not taken a click for some seconds, which is
// then said again. Nothing is lost: what is clicked is in the browser's storage already.

const PATIENCE = 4000; // milliseconds
const OFFLINE = "You are offline. Your clicks are kept in this browser, and count once you are back.";
const SILENT = "Kindred does not answer. Your clicks are kept in this browser, and count once it does.";

class Away {
  constructor() {
    this.waiting = new Map(); // since when, by whose clicks
    this.line = document.createElement("p");
    this.line.className = "k-away";
    this.line.setAttribute("role", "status");
    document.querySelector(".stApp").append(this.line);
    for (const change of ["online", "offline"]) addEventListener(change, () => this.say());
    this.say();
  }

  note(clicks, pending) {
    if (!pending) this.waiting.delete(clicks);
    else if (!this.waiting.has(clicks)) this.waiting.set(clicks, Date.now());
    clearTimeout(this.timer);
    if (this.waiting.size) this.timer = setTimeout(() => this.say(), PATIENCE);
    if (this.line.textContent) this.say();
  }

  say() {
    clearTimeout(this.timer);
    const silent = Math.min(...this.waiting.values()) <= Date.now() - PATIENCE;
    const text = !navigator.onLine ? OFFLINE : silent ? SILENT : "";
    if (text !== this.line.textContent) this.line.textContent = text;
    if (!silent) return;
    for (const clicks of this.waiting.keys()) clicks.again();
    this.timer = setTimeout(() => this.say(), PATIENCE);
  }
}

globalThis.kindredAway ||= new Away();
