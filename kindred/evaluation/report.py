"""Printing the result of an evaluation as tables for people, and saying what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kindred.output import add_row, new_table, print_table
from recommender.quality.result import ALL_FOLDS, METRICS, Figure, Interval, Quality

__all__ = ["print_quality"]

# Folds side by side that fit on a line.
_ABREAST = 5
Cell = Callable[[Figure], str]


def print_quality(quality: Quality) -> None:
    """Print what was measured, how sure it is, and with which settings."""
    print(quality.explained(), end="\n\n")
    if quality.kind == "stars":
        _print_stars(quality)
    elif quality.kind == "together":
        _print_together(quality)
    else:
        _print_ranking(quality)
    taken = ", ".join(f"{name} {seconds:g} s" for name, seconds in quality.seconds.items())
    print(f"Took, with all settings or folds: {taken}. Seed {quality.seed}.")


def _print_ranking(quality: Quality) -> None:
    for title, metric, cell in _TABLES:
        found = quality.of(metric)
        if title == _TABLES[0][0]:
            asked = {figure.asked: str(figure.count) for figure in found}
            _print("People asked", ["ratings given", *asked], [["", *asked.values()]])
        _across(title, "ratings given", found, cell)
    if quality.of("packs_10"):
        _print_packs(quality)


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


def _part(found: Interval) -> str:
    return f"{100 * found.value:.1f}±{50 * (found.high - found.low):.1f}"


def _lead(found: Figure) -> str:
    return _percent(found.lead)


def _setting(found: Figure) -> str:
    return "\n".join(
        f"{value:g}" if isinstance(value, int | float) else value
        for value in found.setting.values()
    )


# Titles, and what stands in a cell.
_TABLES: tuple[tuple[str, str, Cell], ...] = (
    ("NDCG@10, with half the width of its 95 % interval", "ndcg_10", _with_margin),
    ("Kindred's lead in NDCG@10 over the same people, in percent", "ndcg_10", _lead),
    (
        "Debiased NDCG@10: a movie found gains the less, the more like it",
        "debiased_10",
        _with_margin,
    ),
    ("Kindred's lead in debiased NDCG@10, in percent", "debiased_10", _lead),
    ("Recall@10: which part of all that is right is in the first ten", "recall_10", _with_margin),
    (
        "Calibration: how far genres are from those liked (KL divergence, less is better)",
        "calibration_10",
        _with_margin,
    ),
    (
        "Movies with enough ratings that are in anybody's first ten, in percent",
        "coverage_10",
        _part,
    ),
    ("Movies of a first ten outside the 3 % most liked, in percent", "longtail_10", _part),
    ("Movies that the first tens of two people share, in percent", "overlap_10", _part),
    ("Settings, the best of those tried for NDCG@10", "ndcg_10", _setting),
    ("Settings, the best of those tried for debiased NDCG@10", "debiased_10", _setting),
)


_OF_GROUPS: tuple[tuple[str, str, Cell], ...] = (
    (
        "Mean of the members' NDCG@10, with half the width of its 95 % interval",
        "group_mean_10",
        _with_margin,
    ),
    ("Least of the members' NDCG@10", "group_least_10", _with_margin),
    (
        "Spread: how far the largest is above the least (less is better)",
        "group_spread_10",
        _with_margin,
    ),
    ("Kindred's lead in the mean over the same groups, in percent", "group_mean_10", _lead),
    ("Kindred's lead in the least over the same groups, in percent", "group_least_10", _lead),
    ("Settings, the best of those tried for the mean", "group_mean_10", _setting),
    ("Settings, the best of those tried for the least", "group_least_10", _setting),
)


def _across(title: str, head: str, found: Iterable[Figure], cell: Cell) -> None:
    """Print a table of methods by what was asked."""
    cells = {(figure.method, figure.asked): cell(figure) for figure in found}
    asked = list(dict.fromkeys(name for _, name in cells))
    rows = [
        [method, *(cells.get((method, name), "") for name in asked)]
        for method in dict.fromkeys(method for method, _ in cells)
    ]
    filled = [row for row in rows if any(row[1:])]
    if filled:
        _print(title, [head, *asked], filled)


def _print_together(quality: Quality) -> None:
    means = quality.of("group_mean_10")
    asked = {figure.asked: str(figure.count) for figure in means}
    _print("Groups asked", ["people", *asked], [["", *asked.values()]])
    for title, metric, cell in _OF_GROUPS:
        _across(title, "people", quality.of(metric), cell)
    own = {figure.asked: figure.value for figure in means if figure.method == "own"}
    if all(own.get(label) for label in asked):
        title = "Part of the mean of the members' own lists that is reached, in percent"
        joined = [figure for figure in means if figure.method != "own"]
        _across(title, "people", joined, lambda one: f"{100 * one.value / own[one.asked]:.1f}")


def _print_packs(quality: Quality) -> None:
    similar = {figure.method: figure for figure in quality.of("similar_10")}
    found = quality.of("packs_10")
    rows = [
        [
            figure.method,
            *_cells(figure),
            *(_cells(similar[figure.method]) if figure.method in similar else [""] * 3),
        ]
        for figure in found
    ]
    heads = ["", "4 given", "lead, %", "settings", "1 given", "lead, %", "settings"]
    title = "Of the others of a set, what is in the first ten, or among the ten most similar"
    _print(f"{title} ({found[0].count} sets)", heads, rows)


def _cells(found: Figure) -> list[str]:
    return [_with_margin(found), _lead(found), _setting(found)]


def _print_stars(quality: Quality) -> None:
    whole = {
        (figure.metric, figure.method): figure
        for figure in quality.figures
        if figure.asked == ALL_FOLDS
    }
    rows = []
    for method in quality.methods:
        alone = whole.get(("unsupported", method))
        rmse, mae = whole["rmse", method], whole["mae", method]
        cells = [_with_margin(rmse), _with_margin(mae), _part(alone) if alone else "", _lead(rmse)]
        rows.append([method, *cells])
    heads = ["", "RMSE", "MAE", "by means alone, %", "Kindred nearer, %"]
    count = whole["rmse", quality.methods[0]].count
    _print(f"Stars predicted, of {count:,} ratings", heads, rows)
    for metric in ("rmse", "mae"):
        folds = [figure for figure in quality.of(metric) if figure.asked != ALL_FOLDS]
        names = list(dict.fromkeys(figure.asked for figure in folds))
        for start in range(0, len(names), _ABREAST):
            some = names[start : start + _ABREAST]
            title = f"{METRICS[metric].title} of each fold"
            _across(title, "", [one for one in folds if one.asked in some], _with_margin)
    inside = "Ratings inside the interval that should hold 80 %, by films it rests on, in percent"
    _across(inside, "", quality.of("inside_80"), _part)


def _print(title: str, heads: list[str], rows: list[list[str]]) -> None:
    table = new_table(*heads, right=heads[1:])
    for row in rows:
        add_row(table, *row)
    print(title)
    print_table(table)
    print()
