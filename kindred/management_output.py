"""What the commands that manage an index print: some lines for people, or all figures as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from kindred.output import (
    SYNTHETIC,
    add_row,
    count_of,
    new_table,
    print_json,
    print_line,
    print_table,
)
from recommender import IndexStats
from recommender.health import Health
from recommender.storage.storage_report import Part, Storage

if TYPE_CHECKING:
    from ingest import Forgotten, Reading, Report

__all__ = [
    "print_forgotten",
    "print_health",
    "print_reading",
    "print_report",
    "print_rollback",
    "print_stats",
]

# Files left aside that are named: a folder may hold thousands.
_MOST_ASIDE = 10


def _part(part: Part) -> str:
    """How raters or movies are stored, in a line."""
    return _joined(
        count_of(part.points, "point", "points"),
        count_of(part.indexed, "indexed", "indexed"),
        count_of(part.segments, "segment", "segments"),
        "" if part.disk is None else f"{part.disk / 1e6:,.1f} MB on disk",
        part.status or "",
        count_of(part.shards, "shard", "shards"),
        count_of(part.replicas, "copy of each", "copies of each"),
        f"{part.inactive} of them out of use" if part.inactive else "",
    )


def _joined(*facts: str) -> str:
    return ", ".join(filter(None, facts))


def print_stats(
    found: IndexStats, storage: Storage, verified: Sequence[str] = (), *, as_json: bool
) -> None:
    """Print what is in an index, how it is stored, and which versions proved to be whole."""
    if as_json:
        source = found.source.model_dump()
        whole = {"verified": verified} if verified else {}
        print_json({**asdict(found), "source": source, "storage": asdict(storage), **whole})
        return
    # What the source or the engine does not tell is an empty text, and its line is left out.
    pairs = {
        "source": found.source.title,
        "ratings": f"{found.ratings:,}, {found.scale}, mean {found.mean:.2f}"
        + (", with times" if found.timed else ""),
        "people": f"{found.users:,}, of whom {found.raters:,} can be neighbours",
        "movies": f"{found.movies:,}"
        + (f", {found.years[0]} to {found.years[1]}" if found.years else ""),
        "shown from": f"{count_of(found.least_ratings, 'rating', 'ratings')} of a movie",
        "genres": ", ".join(found.genres) or "none",
        "raters by": "; ".join(f"{name}: {', '.join(v)}" for name, v in found.attributes.items()),
        "version": f"{found.version}, made {found.created}",
        "place": found.place,
        "engine": _joined(storage.engine, count_of(storage.nodes, "node", "nodes")),
        "raters are": _part(storage.users),
        "movies are": _part(storage.movies),
        "whole": ", ".join(f"version {version}" for version in verified),
        "licence": found.source.licence,
        "cite": found.source.citation,
    }
    table = new_table("", "")
    table.show_header = False
    for name, value in pairs.items():
        if value:
            add_row(table, name, value)
    print_table(table)
    if found.source.synthetic:
        print(f"\n{SYNTHETIC}")


def print_health(found: Health, *, as_json: bool) -> None:
    """Print that an index answers."""
    if as_json:
        print_json({"status": "ok", **asdict(found)})
    else:
        print(
            f"ok: version {found.version} answered in {found.milliseconds:,.1f} ms, "
            f"{count_of(found.movies, 'movie', 'movies')} by "
            f"{count_of(found.neighbours, 'kindred rater', 'kindred raters')}"
        )


def print_rollback(version: str, place: str, *, as_json: bool) -> None:
    """Print which version serves after a rollback."""
    if as_json:
        print_json({"version": version, "place": place})
    else:
        print(f"Back to version {version} of {place}. Any newer one is kept until the next ingest.")


def _people(count: int) -> str:
    return count_of(count, "person", "people")


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


def print_report(report: Report, found: IndexStats) -> None:
    """Print what an ingest did, and for an append how many ratings are new or changed."""
    from ingest import Appended  # noqa: PLC0415 - slow to import

    speed = f"in {report.seconds:.1f} s ({report.ratings_per_second:,} a second)"
    print(f"{_counted(report)}, {speed}: version {report.version} in {found.place}")
    if isinstance(report, Appended):
        print(f"{report.changed:,} of the ratings are new or changed.")
    if report.thin_raters:
        print(f"{_people(report.thin_raters)} rated too little to be anyone's neighbour.")
    _print_understood(report)
    if found.source.synthetic:
        print(SYNTHETIC)


def _counted(reading: Reading) -> str:
    ratings = count_of(reading.ratings, "rating", "ratings")
    movies = count_of(reading.movies, "movie", "movies")
    return f"{ratings} of {movies} by {_people(reading.users)}"


def print_reading(reading: Reading, *, as_json: bool) -> None:
    """Print how a source is understood, where nothing is written."""
    if as_json:
        print_json(reading.model_dump())
        return
    print(f"{_counted(reading)}. Nothing was written.")
    _print_understood(reading)
    if reading.first:
        print("The first ratings, as they are understood:")
    for row in reading.first:
        movie = f"movie {row.movie}" + (f" ({row.title})" if row.title else "")
        stars = row.opinion if row.rating is None else f"{row.rating:g} ({row.opinion})"
        day = f", {row.day}" if row.day else ""
        print_line(f"  user {row.user}, {movie}: {stars}{day}")


def _print_understood(reading: Reading) -> None:
    """Print which file and column is what, the scale, and what is left out."""
    for file in reading.files:
        if file.kind == "left aside":
            continue
        columns = ", ".join(f"{what} is {name}" for what, name in file.columns.items())
        note = f" ({file.note})" if file.note else ""
        print_line(f"{file.name}: {file.kind}: {columns}{note}")
    aside = [file for file in reading.files if file.kind == "left aside"]
    for file in aside[:_MOST_ASIDE]:
        print_line(f"left aside: {file.name}: {file.note}")
    if len(aside) > _MOST_ASIDE:
        print(f"left aside: {len(aside) - _MOST_ASIDE:,} other files")
    scale = f"Scale of the ratings: {reading.scale}"
    if reading.like_from is not None:
        scale += f", like from {reading.like_from:g}"
    if reading.dislike_to is not None:
        scale += f", dislike up to {reading.dislike_to:g}"
    print(f"{scale}.")
    for reason, count in reading.dropped.items():
        print(f"dropped: {count:,} {reason}")
    for warning in reading.warnings:
        print_line(f"warning: {warning}")
