"""What the commands that ask print: a table for people, or everything as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from kindred.output import (
    SYNTHETIC,
    add_row,
    interval_text,
    movie_document,
    new_table,
    print_json,
    print_table,
    stars_text,
)
from recommender import (
    Explanation,
    Movie,
    Neighbour,
    Prediction,
    Reason,
    Recommendation,
    Recommendations,
    Recommender,
    Row,
)

__all__ = [
    "number",
    "print_explanation",
    "print_movies",
    "print_neighbours",
    "print_predictions",
    "print_recommendations",
    "print_rows",
    "print_similar",
    "reasons",
]

_REASONS = 5
"""Reasons of a row in JSON; the share of all others is one figure more."""
_EXAMPLES = 3
"""Reasons, or movies in common with a rater, in a cell of a table: as many lines stay readable."""


def number(value: float | None) -> float | None:
    """Round to six significant digits: what scores are good for."""
    return None if value is None else float(f"{value:.6g}")


def _reason(movie: Movie, share: float) -> dict[str, Any]:
    return {"movie_id": movie.movie_id, "title": movie.title, "share": share}


def _head(row: Recommendation) -> dict[str, Any]:
    return {"rank": row.rank, **movie_document(row.movie), "score": number(row.score)}


def reasons(because: Sequence[Reason], whole: float = 1.0) -> dict[str, Any]:
    """Give the five largest reasons as JSON, and the share of all others.

    That is what is left of the ``whole`` after rounding, so that the shares sum to it.
    """
    largest = [(reason.movie, round(reason.share, 6)) for reason in because[:_REASONS]]
    other = whole - sum(share for _, share in largest) if largest else 0.0
    return {
        "because": [_reason(movie, share) for movie, share in largest],
        "other_share": round(other, 6) + 0.0,  # adding 0 turns -0 into 0
    }


def _row(row: Recommendation) -> dict[str, Any]:
    """A row as JSON."""
    found = row.prediction
    return {
        **_head(row),
        "predicted_rating": number(row.predicted_rating),
        "predicted_low": found and number(found.low),
        "predicted_high": found and number(found.high),
        "predicted_reason": found and found.reason,
        "supporters": row.supporters,
        **reasons(row.because),
        "by_genre": round(row.by_genre, 6),
    }


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
    table = new_table("id", "movie", right=["id"])
    # One table for all rows, so that their columns are equally wide.
    table.show_header = False
    for row in rows:
        table.add_row(None, Text(row.title, style="bold"))
        for movie in row.movies:
            add_row(table, movie.movie.movie_id, movie.movie)
        table.add_row()
    print_table(table)


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
        table = new_table("", "id", "movie", right=["", "id"])
        for row in top:
            add_row(table, row.rank, row.movie.movie_id, row.movie)
    else:
        right = ["", "id", "stars", "liked by"]
        table = new_table("", "id", "movie", "stars", "liked by", right=right)
        # Cut rather than wrapped: a reason is a line.
        table.add_column("because you rated", no_wrap=True, max_width=36)
        for row in top:
            # On a line of its own, since reasons take several.
            stars = interval_text(row.prediction, "\n") if row.prediction else ""
            movie = row.movie
            add_row(table, row.rank, movie.movie_id, movie, stars, row.supporters, _because(row))
    print_table(table)
    without = [found.reason for row in top if (found := row.prediction) and found.stars is None]
    for reason in dict.fromkeys(without):
        print(f"No stars: {reason}.")
    if synthetic:
        print(f"\n{SYNTHETIC}")


def _because(row: Recommendation) -> str:
    return "\n".join(
        f"{reason.share:4.0%} {reason.movie.title}" for reason in row.because[:_EXAMPLES]
    )


def print_predictions(predictions: Sequence[Prediction], *, as_json: bool) -> None:
    """Print predicted stars, each with what it rests on."""
    if as_json:
        rows = [
            {
                **movie_document(found.movie),
                "stars": number(found.stars),
                "low": number(found.low),
                "high": number(found.high),
                "expected": number(found.expected),
                "support": found.support,
                "reason": found.reason,
            }
            for found in predictions
        ]
        print_json({"predictions": rows})
        return
    table = new_table("id", "movie", "stars", "why", right=["id", "stars"])
    for found in predictions:
        stars = interval_text(found) or "none"
        add_row(table, found.movie.movie_id, found.movie, stars, found.reason)
    print_table(table)


def print_explanation(explanation: Explanation, *, as_json: bool) -> None:
    """Print the calculation of a score; every vote of it as JSON."""
    if not as_json:
        print(explanation)
        return
    fields = (
        *("recommended", "neighbours", "total", "likes", "pseudo_likes", "popularity_discount"),
        *("damping", "lift", "lift_power", "ease", "ease_power", "added", "by_genre"),
        *("supporters", "least_supporters"),
    )
    print_json(
        {
            **movie_document(explanation.movie),
            "score": number(explanation.score),
            **{field: getattr(explanation, field) for field in fields},
            "votes": [asdict(vote) | {"vote": vote.vote} for vote in explanation.votes],
            "because": [_reason(reason.movie, reason.share) for reason in explanation.because],
        }
    )


def print_neighbours(neighbours: Sequence[Neighbour], *, as_json: bool) -> None:
    """Print the raters most like a person, with some movies in common; all of them as JSON."""
    if as_json:
        rows = [
            asdict(rater)
            | {
                "agree": [*map(movie_document, rater.agree)],
                "disagree": [*map(movie_document, rater.disagree)],
            }
            for rater in neighbours
        ]
        print_json({"neighbours": rows})
        return
    if not neighbours:
        print("Nobody kindred was found: say what you like of more movies.")
        return
    right = ["id", "similarity", "ratings"]
    table = new_table("id", "similarity", "ratings", "you agree on", "and disagree on", right=right)
    for rater in neighbours:
        examples = ["\n".join(map(str, m[:_EXAMPLES])) for m in (rater.agree, rater.disagree)]
        add_row(table, rater.user_id, f"{rater.similarity:.3f}", f"{rater.ratings:,}", *examples)
    print_table(table)


def print_similar(top: Recommendations, *, as_json: bool) -> None:
    """Print similar movies."""
    if as_json:
        print_json({"similar": [_head(row) for row in top]})
        return
    if not top:
        print("No movie is like it: too few people rated it.")
        return
    table = new_table("", "id", "movie", "similarity", right=["", "id", "similarity"])
    for row in top:
        add_row(table, row.rank, row.movie.movie_id, row.movie, f"{row.score:.3f}")
    print_table(table)


def print_movies(movies: Sequence[Movie], *, as_json: bool) -> None:
    """Print found movies."""
    if as_json:
        print_json({"movies": [asdict(movie) for movie in movies]})
        return
    if not movies:
        print("No title is like that.")
        return
    table = new_table("id", "movie", "genres", "ratings", "mean", right=["id", "ratings", "mean"])
    for m in movies:
        titles = "\n".join([str(m), *m.other_titles])
        add_row(table, m.movie_id, titles, ", ".join(m.genres), m.ratings, stars_text(m.mean))
    print_table(table)
