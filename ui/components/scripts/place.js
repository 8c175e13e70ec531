// Keeps where on a page a visitor is, which browsers know of whole pages alone: Streamlit's scroll
// within one. Back and F5 lead to the same film, with the focus where it was; other pages begin at the
// top.

const LONGEST_WAIT = 5000; // milliseconds, for what was on the page to be there again
const SETTLED = 800; // milliseconds in which the page before may still be there instead
const PAGES_KEPT = 20;

class Place {
  constructor() {
    this.main = document.querySelector("[data-testid=stMain]");
    const [visit] = performance.getEntriesByType("navigation");
    this.address = this.here();
    this.want(visit?.type === "navigate" ? null : this.kept()[this.address]);
    addEventListener("popstate", () => this.want(this.kept()[this.here()]));
    this.main.addEventListener("scroll", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), 150);
    }, { passive: true });
    document.addEventListener("focusin", () => this.keep());
    for (const way of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      addEventListener(way, () => { this.wanted = null; }, { passive: true });
    }
    this.restore();
  }

  want(place) {
    this.wanted = place ?? null;
    this.until = Date.now() + LONGEST_WAIT;
    this.isNew = false; // whether the server has drawn what is wanted, or begins to
    this.found = false;
  }

  here() {
    return `${location.pathname}?${new URLSearchParams(location.search).get("film") ?? ""}`;
  }

  kept() {
    try {
      return JSON.parse(sessionStorage.getItem(`${kindredStorage.name}/places`)) || {};
    } catch {
      return {};
    }
  }

  // By what is in sight, since pictures and groups above it may be of another height next time.
  keep() {
    if (this.wanted || this.here() !== this.address) return;
    const parts = [...this.main.querySelectorAll("section[data-name] > ul > li, .stHtml")];
    const first = parts.findIndex((part) => part.getBoundingClientRect().bottom > 0);
    const film = document.activeElement?.closest?.("li[data-id]");
    const place = {
      top: this.main.scrollTop, part: this.name(parts[first]), at: parts[first]?.getBoundingClientRect().top,
      focus: film && `${this.name(film)} a`,
    };
    const all = Object.entries({ ...this.kept(), [this.address]: place }).slice(-PAGES_KEPT);
    try {
      kindredStorage.put("sessionStorage", `${kindredStorage.name}/places`, Object.fromEntries(all));
    } catch {
      // without a storage, Back begins at the top
    }
  }

  name(part) {
    const group = part?.closest("section[data-name]");
    return group ? `section[data-name="${CSS.escape(group.dataset.name)}"] > ul > li[data-id="${CSS.escape(part.dataset.id)}"]` : "";
  }

  // Called at each run.
  update() {
    if (this.here() !== this.address) {
      this.address = this.here();
      if (!this.wanted) {
        this.main.scrollTo({ top: 0, behavior: "instant" });
        this.want({ top: 0, part: "section[data-name] > header", focus: "section[data-name] h2" });
      }
    }
    this.isNew = true;
    this.restore();
  }

  // What had the focus may have left the page with it.
  focus(part) {
    if (!part || document.activeElement !== document.body) return;
    if (part.localName === "h2") part.tabIndex = -1;
    part.focus({ preventScroll: true });
  }

  restore() {
    clearTimeout(this.again);
    if (!this.wanted) return;
    const { top, part, at, focus } = this.wanted;
    const there = part && this.main.querySelector(part);
    const found = there || (!part && this.main.scrollHeight - this.main.clientHeight >= top);
    if (there && at !== undefined) {
      for (let times = 0; times < 3; times += 1) this.main.scrollTop += there.getBoundingClientRect().top - at;
    } else if (found && !part) this.main.scrollTop = top;
    if (found) {
      this.focus(focus && this.main.querySelector(focus));
      if (this.isNew && !this.found) {
        this.found = true;
        this.until = Date.now() + SETTLED;
      }
    }
    if (Date.now() >= this.until) this.wanted = null;
    else this.again = setTimeout(() => this.restore(), 100);
  }
}
