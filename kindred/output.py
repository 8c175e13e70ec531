"""What commands print: tables for people, JSON documents for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from recommender import (
    Explanation,
    IndexStats,
    Movie,
    Prediction,
    Recommendation,
    Recommendations,
    Recommender,
    Row,
)
from recommender.health import Health
from recommender.storage.storage_report import Part, Storage

if TYPE_CHECKING:
    from ingest import Forgotten, Report

# Control characters, which a terminal obeys: an id may hold any. New lines only make cells higher.
_OBEYED = dict.fromkeys([*range(10), *range(11, 32), *range(127, 160)], "?")

__all__ = [
    "print_explanation",
    "print_forgotten",
    "print_health",
    "print_json",
    "print_movies",
    "print_predictions",
    "print_recommendations",
    "print_report",
    "print_rollback",
    "print_rows",
    "print_similar",
    "print_stats",
]

SYNTHETIC = (
    "The raters of this sample are synthetic; only the films are real. For real people's taste, "
    "run `kindred ingest ml-latest-small`."
)
_REASONS = 5


def _number(value: float) -> float:
    """Six significant digits: what scores are good for."""
    return float(f"{value:.6g}")


def _stars(stars: float | None) -> float | None:
    return None if stars is None else _number(stars)


def _shown(stars: float | None) -> str:
    return "" if stars is None else f"{stars:.2f}"


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    print(json.dumps(document, ensure_ascii=False, indent=2))


def _head(row: Recommendation) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "movie_id": row.movie.movie_id,
        "title": row.movie.title,
        "year": row.movie.year,
        "score": _number(row.score),
    }


def _row(row: Recommendation) -> dict[str, Any]:
    """A row as JSON, with its five largest reasons and the share of all others."""
    largest = [(reason.movie, round(reason.share, 6)) for reason in row.because[:_REASONS]]
    other = 1 - sum(share for _, share in largest) if largest else 0.0
    return {
        **_head(row),
        "predicted_rating": _stars(row.predicted_rating),
        "supporters": row.supporters,
        "because": [
            {"movie_id": named.movie_id, "title": named.title, "share": share}
            for named, share in largest
        ],
        "other_share": round(other, 6) + 0.0,  # adding 0 turns -0 into 0
    }


def _table(*columns: str, right: Iterable[str] = ()) -> Table:
    justified = (Column(name, justify="right" if name in right else "left") for name in columns)
    return Table(*justified, box=None, header_style="bold", pad_edge=False)


def _add(table: Table, *cells: object) -> None:
    # Text, because titles like [REC] would be taken for markup.
    table.add_row(*(Text(str(cell).translate(_OBEYED)) for cell in cells))


def _print(table: Table) -> None:
    Console(highlight=False).print(table)


def _because(row: Recommendation) -> str:
    return "\n".join(f"{reason.share:4.0%} {reason.movie.title}" for reason in row.because[:3])


def _list(top: Recommendations) -> dict[str, Any]:
    """A list as JSON."""
    rows = [_row(row) for row in top]
    return {"fallback": top.fallback, "neighbours": top.neighbours, "recommendations": rows}


def print_rows(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print themed rows, one movie a line."""
    if as_json:
        print_json(
            {"rows": [{"name": row.name, "title": row.title, **_list(row.movies)} for row in rows]}
        )
        return
    if not rows:
        print("No movie is left: rate others, or exclude fewer.")
        return
    table = _table("id", "movie", right=["id"])
    table.show_header = False
    for row in rows:
        table.add_row(None, Text(row.title, style="bold"))
        for movie in row.movies:
            _add(table, movie.movie.movie_id, movie.movie)
        table.add_row()
    _print(table)


def print_recommendations(top: Recommendations, rec: Recommender, *, as_json: bool) -> None:
    """Print a list with the largest reasons of each row."""
    if as_json:
        print_json(_list(top))
        return
    synthetic = rec.stats().source.synthetic
    if top.fallback:
        print("Nobody kindred was found, so this is what everyone likes.\n")
    elif top:
        print(f"From the {top.neighbours} raters most like you:\n")
    if not top:
        print("No movie passes these filters: loosen them.")
        return
    if top.fallback:
        table = _table("", "id", "movie", right=["", "id"])
        for row in top:
            _add(table, row.rank, row.movie.movie_id, row.movie)
    else:
        right = ["", "id", "stars", "liked by"]
        table = _table("", "id", "movie", "stars", "liked by", right=right)
        table.add_column("because you rated", no_wrap=True, max_width=36)
        for row in top:
            stars, movie = _shown(row.predicted_rating), row.movie
            _add(table, row.rank, movie.movie_id, movie, stars, row.supporters, _because(row))
    _print(table)
    if synthetic:
        print(f"\n{SYNTHETIC}")


def print_predictions(predictions: Sequence[Prediction], *, as_json: bool) -> None:
    """Print predicted stars, each with what it rests on."""
    if as_json:
        rows = [
            {
                "movie_id": found.movie.movie_id,
                "title": found.movie.title,
                "year": found.movie.year,
                "stars": _stars(found.stars),
                "expected": _stars(found.expected),
                "support": found.support,
                "reason": found.reason,
            }
            for found in predictions
        ]
        print_json({"predictions": rows})
        return
    table = _table("id", "movie", "stars", "why", right=["id", "stars"])
    for found in predictions:
        stars = _shown(found.stars) or "none"
        _add(table, found.movie.movie_id, found.movie, stars, found.reason)
    _print(table)


def print_explanation(explanation: Explanation, *, as_json: bool) -> None:
    """Print the calculation of a score; every vote of it as JSON."""
    if not as_json:
        print(explanation)
        return
    fields = (
        "total",
        "likes",
        "pseudo_likes",
        "popularity_discount",
        "damping",
        "supporters",
        "least_supporters",
    )
    print_json(
        {
            "movie_id": explanation.movie.movie_id,
            "title": explanation.movie.title,
            "year": explanation.movie.year,
            "score": _number(explanation.score),
            "recommended": explanation.recommended,
            "neighbours": explanation.neighbours,
            **{field: getattr(explanation, field) for field in fields},
            "votes": [asdict(vote) | {"vote": vote.vote} for vote in explanation.votes],
            "because": [
                {"movie_id": r.movie.movie_id, "title": r.movie.title, "share": r.share}
                for r in explanation.because
            ],
        }
    )


def print_similar(top: Recommendations, *, as_json: bool) -> None:
    """Print similar movies."""
    if as_json:
        print_json({"similar": [_head(row) for row in top]})
        return
    if not top:
        print("No movie is like it: too few people rated it.")
        return
    table = _table("", "id", "movie", "similarity", right=["", "id", "similarity"])
    for row in top:
        _add(table, row.rank, row.movie.movie_id, row.movie, f"{row.score:.3f}")
    _print(table)


def print_movies(movies: Sequence[Movie], *, as_json: bool) -> None:
    """Print found movies."""
    if as_json:
        print_json({"movies": [asdict(movie) for movie in movies]})
        return
    if not movies:
        print("No title is like that.")
        return
    table = _table("id", "movie", "genres", "ratings", "mean", right=["id", "ratings", "mean"])
    for m in movies:
        _add(table, m.movie_id, m, ", ".join(m.genres), m.ratings, _shown(m.mean))
    _print(table)


def _many(count: int | None, one: str, many: str) -> str:
    return "" if count is None else f"{count:,} {one if count == 1 else many}"


def _part(part: Part) -> str:
    """How raters or movies are stored, in a line."""
    told = [
        _many(part.points, "point", "points"),
        _many(part.indexed, "indexed", "indexed"),
        _many(part.segments, "segment", "segments"),
        "" if part.disk is None else f"{part.disk / 1e6:,.1f} MB on disk",
        part.status or "",
        _many(part.shards, "shard", "shards"),
        _many(part.replicas, "copy of each", "copies of each"),
        f"{part.inactive} of them out of use" if part.inactive else "",
    ]
    return ", ".join(filter(None, told))


def print_stats(
    found: IndexStats, storage: Storage, verified: Sequence[str] = (), *, as_json: bool
) -> None:
    """Print what is in an index, how it is stored, and which versions proved to be whole."""
    if as_json:
        source = found.source.model_dump()
        whole = {"verified": verified} if verified else {}
        print_json({**asdict(found), "source": source, "storage": asdict(storage), **whole})
        return
    pairs = {
        "source": found.source.title,
        "ratings": f"{found.ratings:,}, {found.scale}, mean {found.mean:.2f}"
        + (", with times" if found.timed else ""),
        "people": f"{found.users:,}, of whom {found.raters:,} can be neighbours",
        "movies": f"{found.movies:,}"
        + (f", {found.years[0]} to {found.years[1]}" if found.years else ""),
        "genres": ", ".join(found.genres) or "none",
        "raters by": "; ".join(f"{name}: {', '.join(v)}" for name, v in found.attributes.items()),
        "version": f"{found.version}, made {found.created}",
        "place": found.place,
        "engine": ", ".join(filter(None, [storage.engine, _many(storage.nodes, "node", "nodes")])),
        "raters are": _part(storage.users),
        "movies are": _part(storage.movies),
        "whole": ", ".join(f"version {version}" for version in verified),
        "licence": found.source.licence,
        "cite": found.source.citation,
    }
    table = _table("", "")
    table.show_header = False
    for name, value in pairs.items():
        if value:
            _add(table, name, value)
    _print(table)
    if found.source.synthetic:
        print(f"\n{SYNTHETIC}")


def print_health(found: Health, *, as_json: bool) -> None:
    """Print that an index answers."""
    if as_json:
        print_json({"status": "ok", **asdict(found)})
    else:
        print(
            f"ok: version {found.version} answered in {found.milliseconds:,.1f} ms, "
            f"{_many(found.movies, 'movie', 'movies')} by "
            f"{_many(found.neighbours, 'kindred rater', 'kindred raters')}"
        )


def print_rollback(version: str, place: str, *, as_json: bool) -> None:
    """Print which version serves after a rollback."""
    if as_json:
        print_json({"version": version, "place": place})
    else:
        print(f"Back to version {version} of {place}. The newer one is kept until the next ingest.")


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def print_forgotten(report: Forgotten, place: str, *, as_json: bool) -> None:
    """Print what is gone, and what is not."""
    if as_json:
        print_json(report.model_dump())
        return
    print(
        f"{_people(report.users)} and their {report.ratings:,} ratings are gone in "
        f"{report.seconds:.1f} s: version {report.version} in {place}; none before it is kept."
    )
    print("The files they came from still have them, and an ingest of those would bring them back.")


def print_report(report: Report, found: IndexStats, changed: int | None = None) -> None:
    """Print what an ingest did; ``changed`` is how many ratings an append found new or changed."""
    print(
        f"{report.ratings:,} ratings of {report.movies:,} movies by {_people(report.users)}, in "
        f"{report.seconds:.1f} s ({report.ratings_per_second:,} a second): version "
        f"{report.version} in {found.place}"
    )
    if changed is not None:
        print(f"{changed:,} of the ratings are new or changed.")
    if report.thin_raters:
        print(f"{_people(report.thin_raters)} rated too little to be anyone's neighbour.")
    for reason, count in report.dropped.items():
        print(f"dropped: {count:,} {reason}")
    if found.source.synthetic:
        print(SYNTHETIC)
