"""Printing the result of an evaluation as tables for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kindred.output import add_row, new_table, print_table
from recommender.quality import Compared, Interval, PackScore, Quality, RankingScore
from ui.pages.quality import explained

__all__ = ["print_quality"]


def print_quality(quality: Quality) -> None:
    """Print what was measured, how sure it is, and with which settings."""
    print(explained(quality), end="\n\n")
    if quality.kind == "stars":
        _print_stars(quality)
    else:
        _print_ranking(quality)
    taken = ", ".join(f"{name} {seconds:g} s" for name, seconds in quality.seconds.items())
    print(f"Took, with all settings tried: {taken}. Seed {quality.seed}.")


def _print_ranking(quality: Quality) -> None:
    asked = {score.length: str(score.people) for score in quality.ranking}
    _print("People asked", ["ratings given", *asked], [["", *asked.values()]])
    for title, cell in _TABLES.items():
        _by_length(quality, title, cell)
    if quality.packs:
        _print_packs(quality.packs)


def _setting(found: Compared) -> str:
    return "\n".join(
        f"{value:g}" if isinstance(value, int | float) else value
        for value in found.setting.values()
    )


# Titles, and what stands in a cell.
_TABLES: dict[str, Callable[[RankingScore], str]] = {
    "NDCG@10, with half the width of its 95 % interval": (
        lambda score: _with_margin(score.ndcg_10)
    ),
    "Kindred's lead in NDCG@10 over the same people, in percent": (
        lambda score: _percent(score.ndcg_10.lead)
    ),
    "Debiased NDCG@10: a movie found gains the less, the more like it": (
        lambda score: _with_margin(score.debiased_10)
    ),
    "Kindred's lead in debiased NDCG@10, in percent": (
        lambda score: _percent(score.debiased_10.lead)
    ),
    "Movies of a first ten outside the 3 % most liked, in percent": (
        lambda score: f"{100 * score.longtail_10:.1f}"
    ),
    "Movies that the first tens of two people share, in percent": (
        lambda score: f"{100 * score.overlap_10:.1f}"
    ),
    "Settings, the best of those tried for NDCG@10": lambda score: _setting(score.ndcg_10),
    "Settings, the best of those tried for debiased NDCG@10": (
        lambda score: _setting(score.debiased_10)
    ),
}


def _by_length(quality: Quality, title: str, cell: Callable[[RankingScore], str]) -> None:
    """Print a table of methods by lengths."""
    scores = {(score.method, score.length): score for score in quality.ranking}
    lengths = list(dict.fromkeys(score.length for score in quality.ranking))
    rows = [
        [method, *(cell(scores[method, length]) for length in lengths)]
        for method in dict.fromkeys(score.method for score in quality.ranking)
    ]
    filled = [row for row in rows if any(row[1:])]
    if filled:
        _print(title, ["ratings given", *lengths], filled)


def _print_packs(scores: Sequence[PackScore]) -> None:
    rows = [
        [
            score.method,
            *_cells(score.packs_10),
            *(_cells(score.similar_10) if score.similar_10 else [""] * 3),
        ]
        for score in scores
    ]
    heads = ["", "4 given", "lead, %", "settings", "1 given", "lead, %", "settings"]
    title = "Of the others of a set, what is in the first ten, or among the ten most similar"
    _print(f"{title} ({scores[0].sets} sets)", heads, rows)


def _cells(found: Compared) -> list[str]:
    return [_with_margin(found), _percent(found.lead), _setting(found)]


def _print_stars(quality: Quality) -> None:
    rows = [
        [
            score.method,
            _with_margin(score.rmse),
            _with_margin(score.mae),
            "" if score.unsupported is None else f"{100 * score.unsupported:.1f} %",
            _percent(score.lead),
        ]
        for score in quality.stars
    ]
    heads = ["", "RMSE", "MAE", "by biases alone", "Kindred nearer by, in percent"]
    _print("Stars predicted", heads, rows)


def _with_margin(found: Interval) -> str:
    return f"{_short(found.value)}±{_short((found.high - found.low) / 2)}"


def _short(value: float) -> str:
    """Three places, without the zero before the point: six lengths fit on a line."""
    return f"{value:.3f}".removeprefix("0")


def _percent(found: Interval | None) -> str:
    if found is None:
        return ""
    half = 50 * (found.high - found.low)
    places = 1 if half < 10 else 0
    return f"{100 * found.value:+.{places}f}±{half:.{places}f}"


def _print(title: str, heads: list[str], rows: list[list[str]]) -> None:
    table = new_table(*heads, right=heads[1:])
    for row in rows:
        add_row(table, *row)
    print(title)
    print_table(table)
    print()
