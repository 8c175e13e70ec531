// Posters, laid over the drawn ones of the films that are looked at, as they come.

const LOOK_AGAIN = 500; // milliseconds
const AT_ONCE = 60;

class Posters {
  constructor(notice) {
    this.notice = notice;
    this.here = new Set();
    this.wanted = new Set();
    this.timer = null;
    this.seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) this.wanted.add(target.dataset.imdb);
        else this.wanted.delete(target.dataset.imdb);
      }
      this.soon(60);
    }, { rootMargin: "100px" });
  }

  watch(place) {
    if (this.here.has(place.dataset.imdb)) this.lay(place);
    else this.seen.observe(place);
  }

  lay(place) {
    this.seen.unobserve(place);
    if (place.querySelector(".k-real")) return;
    const picture = make("img", { class: "k-real", alt: "", width: 200, height: 300, decoding: "async" });
    picture.onerror = () => picture.remove();
    picture.src = `posters/${place.dataset.imdb}`;
    place.append(picture);
  }

  soon(wait) {
    if (this.timer === null && this.wanted.size) {
      this.timer = setTimeout(() => this.ask(), wait);
    }
  }

  async ask() {
    const names = [...this.wanted].slice(0, AT_ONCE);
    try {
      const answer = await fetch(`posters?ids=${names.join(",")}`, { method: "POST" });
      const told = await answer.json();
      for (const name of told.here) this.here.add(name);
      for (const name of names) if (!told.awaited.includes(name)) this.wanted.delete(name);
      for (const place of document.querySelectorAll(".k-poster[data-imdb]")) this.watch(place);
      this.notice.textContent = told.notice || "";
    } catch {
      this.wanted.clear(); // what is scrolled to later is asked for again
    }
    this.timer = null;
    this.soon(LOOK_AGAIN);
  }
}
