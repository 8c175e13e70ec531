"""How well films are found: by all their titles, as other services write them, and as people type.

::

    python -m benchmarks.quality.titles PATH-TO-RATINGS [PATH ...]

What other services write is made by :mod:`benchmarks.quality.title_rules`. Of the two lists in
``searches.json`` one was in sight when the search was made; the other is by somebody who had not
seen the search. Times are those of a larger catalogue of made-up titles.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality import title_rules
from benchmarks.quality.title_rules import Film
from benchmarks.report import Row, arguments, show
from ingest import Progress, ingest
from ingest.reading import ReadOptions, open_files
from recommender import AmbiguousMovieError, Recommender, UnknownMovieError
from recommender.catalogue.listed_films import Mention
from recommender.catalogue.movies import Catalogue
from recommender.storage.encoding import ExternalId, MovieRecord

__all__ = ["as_written", "by_all_titles", "searched", "timed", "wilson"]

SEARCHES = json.loads(Path(__file__).with_name("searches.json").read_text(encoding="utf-8"))
# Of many common words, of hardly any letters, and of none that any title has.
HARD = ["the lord of the rings of the king and the man", "the", "s", "star", "xyzzyx blarghh"]
# Films drawn by a seed, and titles of the catalogue where searches are timed: those of ml-32m.
_DRAWN, _MANY = 200, 87_000
_RESOLVED = (
    *("this film", "ambiguous, named", "ambiguous, not named"),
    *("unresolved", "wrong", "an id"),
)
_MATCHED = ("found", "wrong", "suggested", "missing")


def by_all_titles(rec: Recommender, texts: Sequence[str], films: Sequence[Film]) -> list[Row]:
    """Count what every film's title resolves to: as the file has it, and as people write it."""
    forms = {
        "as the file has it": texts,
        "as people write it": [one.name + f" ({one.year})" * bool(one.year) for one in films],
        "without year": [one.name for one in films],
    }
    rows = list[Row]()
    for form, titles in forms.items():
        pairs = zip(titles, films, strict=True)
        counts = Counter(_resolved(rec, title, film.movie_id) for title, film in pairs)
        rows.append({"title": form, **{one: counts[one] for one in _RESOLVED}})
    return rows


def _resolved(rec: Recommender, title: str, movie_id: ExternalId) -> str:
    if any(rec.find([title])):  # "1984" is the id of a film first
        return "an id"
    try:
        return "this film" if rec.movie(title).movie_id == movie_id else "wrong"
    except AmbiguousMovieError as error:
        return "ambiguous, named" if f"id:{movie_id} (" in str(error) else "ambiguous, not named"
    except UnknownMovieError:
        return "unresolved"


def as_written(
    rec: Recommender, films: Iterable[Film], seeds: Iterable[int]
) -> tuple[list[Row], list[Row]]:
    """Match films as services write them: counts by rule, and those that are not found.

    Of several that are equally right one is found, too, or all of them as suggestions.
    """
    catalogue, missed = title_rules.Catalogue(films), list[Row]()
    found: dict[str, Counter[str]] = {}
    for seed in seeds:
        written = catalogue.written(_DRAWN, seed)
        matches = rec.match([Mention(one.title, one.year) for one in written])
        for one, match in zip(written, matches, strict=True):
            first, listed = match.movie, {movie.movie_id for movie in match.movies}
            if first:
                outcome = "found" if first.movie_id in one.right else "wrong"
            elif len(one.right) > 1 and one.right <= listed:
                outcome = "found"
            else:
                outcome = "suggested" if one.right & listed else "missing"
            for rule in ("all", "changed", *one.rules) if one.rules else ("all", "unchanged"):
                found.setdefault(rule, Counter())[outcome] += 1
            if outcome != "found":
                rules = ", ".join(one.rules)
                missed.append({"title": f"{one.title} ({one.year})", "is": outcome, "by": rules})
    rows = list[Row]()
    for rule, counts in sorted(found.items(), key=lambda item: -item[1].total()):
        low, high = wilson(counts["found"], total := counts.total())
        outcomes = {outcome: counts[outcome] for outcome in _MATCHED}
        rows.append({"rule": rule, "films": total, **outcomes, "95 %": f"{low:.1%} to {high:.1%}"})
    return rows, missed


def wilson(found: int, of: int) -> tuple[float, float]:
    """Bounds of the 95 % interval of a proportion (Wilson, 1927)."""
    part, more = found / of, 1.96**2 / of
    half = np.sqrt(more * part * (1 - part) + more**2 / 4)
    return (part + more / 2 - half) / (1 + more), (part + more / 2 + half) / (1 + more)


def searched(
    rec: Recommender, lists: Mapping[str, Sequence[Mapping[str, str]]]
) -> tuple[list[Row], list[Row]]:
    """Search as people type: how often the film comes first, and where it does not."""
    rows, missed = list[Row](), list[Row]()
    for name, entries in lists.items():
        wanted = rec.find(f"imdb:{entry['imdb']}" for entry in entries)
        known = [(e["typed"], film) for e, film in zip(entries, wanted, strict=True) if film]
        wrong = [
            {"typed": typed, "wanted": str(film), "first": ", ".join(map(str, first))}
            for typed, film in known
            if (first := rec.search(typed, limit=1)) != (film,)
        ]
        missed += wrong
        if known:
            right = len(known) - len(wrong)
            rows.append({"searches": name, "films": len(known), "film first": right})
    return rows, missed


def timed(films: Sequence[Film], typed: Sequence[str], many: int = _MANY) -> Row:
    """Time searches in so ``many`` titles: those given, and others of their words, some changed."""
    dice = random.Random(0)
    words = [word for film in films for word in film.name.split()]

    def name(length: int) -> str:
        ends = ("", "", "", dice.choice("abcdefghij") + dice.choice("aeiou"))
        return " ".join(dice.choice(words) + dice.choice(ends) for _ in range(length))

    titles = [" ".join((film.name, *(f"({other})" for other in film.others))) for film in films]
    for film in dice.choices(films, k=many - len(films)):
        other = f" ({name(3)})" if dice.random() < 0.15 else ""
        titles.append(name(len(film.name.split())) + other)
    ratings = np.random.default_rng(0).zipf(1.4, len(titles)).clip(1, 90_000).tolist()
    catalogue = Catalogue(
        (
            MovieRecord(at, at, title, 1930 + at % 95, (), None, None, n, n, None, 0, (), n, 1.0)
            for at, (title, n) in enumerate(zip(titles, ratings, strict=True))
        ),
        movie_ids="int",
    )

    def seconds(text: str) -> float:
        started = time.perf_counter()
        catalogue.search(text, 10)
        return time.perf_counter() - started

    build = seconds(HARD[-1])
    took = 1000 * np.median([[seconds(text) for text in typed] for _ in range(3)], axis=0)
    middle, slow = np.quantile(took, (0.5, 0.95)).tolist()
    return {
        **{"titles": len(titles), "index, ms": 1000 * build, "median, ms": middle},
        **{"95th percentile": slow, "worst": float(took.max()), "at": typed[int(took.argmax())]},
    }


def measure(source: str, seeds: Iterable[int]) -> dict[str, Sequence[Row]]:
    """Take all measures of the index of a source; tables by heading."""
    with open_files(source, ReadOptions(), Progress()) as files:
        assert files.movies, f"{source} has no titles"
        file = list(files.movies.table.texts(files.movies.roles))
    with tempfile.TemporaryDirectory() as folder:
        ingest(source, index=folder)
        with Recommender.open(folder) as rec:
            stored = zip(rec.find(f"id:{row['movie']}" for row in file), file, strict=True)
            texts = {movie.movie_id: row["title"] or "" for movie, row in stored if movie}
            films = [Film.read(movie_id, text) for movie_id, text in texts.items()]
            by_title = by_all_titles(rec, [*texts.values()], films)
            written, missed = as_written(rec, films, seeds)
            searches, lost = searched(rec, SEARCHES)
    typed = [entry["typed"] for entries in SEARCHES.values() for entry in entries]
    tables: dict[str, Sequence[Row]] = {
        "all titles": by_title,
        "as other services write them": written,
        "of these not found": missed,
        "searches": searches or [{"searches": "none, as the source has no ids of IMDb"}],
        "where another film is first": lost,
        "time of a search": [timed(films, [*typed, *HARD])],
    }
    return {heading: rows for heading, rows in tables.items() if rows}


def main() -> None:
    """Print what was measured."""
    parser = arguments(__doc__)
    parser.add_argument("sources", nargs="+", help="folders, zips or files of ratings with titles")
    parser.add_argument("--seeds", type=int, default=5, help=f"how often {_DRAWN} films are drawn")
    chosen = parser.parse_args()
    seeds = range(chosen.seed, chosen.seed + chosen.seeds)
    found = {Path(source).name: measure(source, seeds) for source in chosen.sources}
    tables = {
        f"{name}: {of}": rows for name, all_of in found.items() for of, rows in all_of.items()
    }
    show(found, tables, as_json=chosen.json)


if __name__ == "__main__":
    main()
