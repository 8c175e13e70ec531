"""What an evaluation found out about a source, and where that is kept."""

from __future__ import annotations

import hashlib
import math
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

from pydantic import Field, ValidationError

from recommender.errors import InvalidInputError
from recommender.settings import CacheSettings, Frozen
from recommender.storage.manifest import Source

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

__all__ = ["ALL_FOLDS", "METRICS", "Figure", "Interval", "Metric", "Quality"]

Kind = Literal["ranking", "stars", "together"]
ALL_FOLDS: Final = "all folds"
"""What was asked where a figure is of all ratings predicted, and not of those of one fold."""


class Metric(NamedTuple):
    """What a figure measures."""

    title: str
    better: Literal["higher", "lower"] | None
    """None where neither is better by itself."""
    percent: bool = False
    """Whether it is a part of a whole, best written in percent."""
    root: bool = False
    """Whether it is the root of a mean, and not a mean."""


METRICS: Final = {
    "ndcg_10": Metric("NDCG@10", "higher"),
    "debiased_10": Metric("Debiased NDCG@10", "higher"),
    "recall_10": Metric("Recall@10", "higher"),
    "calibration_10": Metric("Calibration of genres, KL divergence", "lower"),
    "coverage_10": Metric("Catalogue covered", "higher", percent=True),
    "longtail_10": Metric("Long tail", None, percent=True),
    "overlap_10": Metric("Overlap", None, percent=True),
    "packs_10": Metric("Found of sets", "higher"),
    "similar_10": Metric("Found among the most similar", "higher"),
    "group_mean_10": Metric("Mean of the members' NDCG@10", "higher"),
    "group_least_10": Metric("Least of the members' NDCG@10", "higher"),
    "group_spread_10": Metric("Spread of the members' NDCG@10", "lower"),
    "rmse": Metric("RMSE", "lower", root=True),
    "mae": Metric("MAE", "lower"),
    "unsupported": Metric("By means alone", None, percent=True),
    "inside_80": Metric("Stars inside the 80 % interval", None, percent=True),
}
"""All that is measured, by the names that figures have; ``docs/how-it-works.md`` defines each."""


# What is drawn, and shown first, of each kind of comparison, unless a metric is named.
_MAIN: Final[dict[Kind, tuple[str, ...]]] = {
    "ranking": ("ndcg_10", "debiased_10"),
    "stars": ("rmse", "mae"),
    "together": ("group_mean_10", "group_least_10"),
}
_NDCG = (
    "NDCG@10 is 1 where the first ten are nothing but those, or all of them come first, and 0 "
    "where none is among them."
)
_EXPLAINED: Final[dict[Kind, str]] = {
    "ranking": (
        "up to {:,} who are not in the index were asked. Each gave some of their ratings, and a "
        f"good list begins with other films they like: {_NDCG} Compare methods at one number of "
        "ratings, and not numbers of ratings: the more is given, the fewer films are left to find. "
        "Films that fewer than five people rated are in no list. Every other method is shown with "
        "the best of its settings for NDCG and for debiased NDCG, chosen on these very people: "
        "that is in its favour."
    ),
    "together": (
        "some who are not in the index were asked in groups, up to {:,} of a kind: drawn by "
        "chance, or of people who like the same films. Each gave 20 of their ratings, and a list "
        f"is good for somebody if it begins with other films they like: {_NDCG} Films that "
        "anybody in the group gave, or that fewer than five people rated, are in no list. With "
        "own, everybody has a list to themselves, which no group can have. Every other method is "
        "shown with the best of its settings for the mean and for the least, chosen on these very "
        "groups: that is in its favour. People are in several groups, so that intervals are "
        "somewhat too narrow."
    ),
}
_NOT_DRAWN = ("packs_10", "similar_10", "unsupported", "inside_80")


class Interval(Frozen):
    """A figure, and where it lies in 95 % of bootstrap resamples of the people or sets asked."""

    value: float
    low: float
    high: float


class Figure(Interval):
    """One metric of one method."""

    method: str
    metric: str
    """One of :data:`METRICS`."""
    asked: str
    """Ratings given, such as ``10``, or the part of a person's ratings, such as ``80%``; what is
    given of a set; groups, such as ``2 random``; ``fold 1`` or ``all folds``; or how many films
    predictions rest on."""
    count: int
    """How many people, sets, groups or predicted ratings it is about."""
    lead: Interval | None = None
    """By which part of this figure Kindred's is better, over the same people or sets; None where
    there is nothing to compare, or neither is better."""
    setting: dict[str, int | float | str] = Field(default_factory=dict)
    """The method's setting: the best for just this figure where it is NDCG@10, debiased NDCG@10 or
    about sets, and that for NDCG@10 elsewhere."""
    each: tuple[float | None, ...] = ()
    """Of each person or set, what the figure is the mean of; None for those it is not about."""
    weights: tuple[float, ...] = ()
    """What each of these counts in the mean; all the same unless given."""


class Quality(Frozen):
    """The result of an evaluation."""

    kind: Kind
    source: Source
    digest: str
    """Of the ratings, so that results can be told to be about the same."""
    ratings: int
    users: int
    movies: int
    created: str
    """When, in UTC (ISO 8601)."""
    seed: int
    splits: int
    """Groups of people held out, or folds the ratings were divided into."""
    people: int
    """At most so many of each group were asked, or have predicted ratings."""
    versions: dict[str, str]
    """Versions of Kindred and of the libraries compared with."""
    seconds: dict[str, float]
    """What each method took, all settings or folds included."""
    figures: tuple[Figure, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods compared, Kindred's first."""
        return tuple(dict.fromkeys(figure.method for figure in self.figures))

    @property
    def drawable(self) -> tuple[str, ...]:
        """Metrics that :meth:`plot` can draw: those measured by ratings given, or by fold."""
        measured = dict.fromkeys(figure.metric for figure in self.figures)
        return tuple(metric for metric in measured if metric not in _NOT_DRAWN)

    def of(self, metric: str) -> tuple[Figure, ...]:
        """All figures of one of :data:`METRICS`, by what was asked and then by method."""
        return tuple(figure for figure in self.figures if figure.metric == metric)

    def table(self, metric: str | None = None) -> pd.DataFrame:
        """Values of a metric, the main one unless named: methods down, what was asked across."""
        found = self.of(self._main(metric))
        frame = self._frame(found).pivot(index="method", columns="asked", values="value")
        return frame.reindex(
            index=[m for m in self.methods if m in frame.index],
            columns=list(dict.fromkeys(figure.asked for figure in found)),
        )

    def explained(self) -> str:
        """Say in plain words what was measured and how to read the figures."""
        data = f"Of {self.ratings:,} ratings by {self.users:,} people"
        if self.kind == "stars":
            both = {"svd", "svd-large"} <= set(self.methods)
            two = "; svd, matrix factorisation, is shown with two" if both else ""
            some = "" if self.users <= self.people else f" of those of {self.people:,} of them"
            return (
                f"{data}, each of {self.splits} parts{some} was predicted from all others. An "
                "error is how many stars the prediction is off: RMSE minds large errors more than "
                "MAE, and less is better. Each part, called a fold, has figures of its own. "
                f"Settings are usual ones{two}."
            )
        asked = max((figure.count for figure in self.of(_MAIN[self.kind][0])), default=0)
        return f"{data}, {_EXPLAINED[self.kind].format(asked)}"

    def to_frame(self) -> pd.DataFrame:
        """Every figure as a row.

        Columns are method, metric, asked, count, value, low, high, lead, lead_low, lead_high and
        setting; where there is no lead it is missing.
        """
        return self._frame(self.figures)

    def plot(
        self, metric: str | None = None, *, dark: bool = False
    ) -> alt.LayerChart | alt.FacetChart:
        """Draw a metric, the main one unless named, with 95 % intervals, as an Altair chart.

        By the number of ratings given, a line for each method; for predicted stars a bar for the
        interval of each method, and a dot for each fold; or for groups Kindred's lead over each
        method, of mean and least unless a metric is named. ``dark`` is for a dark background.

        Raises InvalidInputError where nothing of that name was measured by length or fold.
        """
        from recommender.quality import chart  # noqa: PLC0415 - slow to import

        name = self._main(metric)
        if name not in self.drawable:
            raise InvalidInputError(f"'{name}' is not drawn: choose {', '.join(self.drawable)}")
        if self.kind == "together":
            names = (name,) if metric else _MAIN[self.kind]
            return chart.draw_leads(self._drawn(*names), dark=dark)
        title = METRICS[name].title
        if METRICS[name].better == "lower":
            title += ", less is better"
        draw = chart.draw_stars if self.kind == "stars" else chart.draw_lists
        return draw(self._drawn(name), title, dark=dark)

    def _drawn(self, *metrics: str) -> list[dict[str, object]]:
        return [
            one.model_dump(exclude={"each", "weights"}) | {"metric": METRICS[one.metric].title}
            for one in self.figures
            if one.metric in metrics
        ]

    def save(self, path: str | Path) -> None:
        """Write everything to a file, as JSON, what each person got included.

        Raises OSError where it cannot be written.
        """
        Path(path).write_text(self.model_dump_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what :meth:`save` wrote.

        Raises InvalidInputError where there is no such file or it holds something else.
        """
        try:
            return cls.model_validate_json(Path(path).read_bytes())
        except OSError as error:
            raise InvalidInputError(f"cannot read '{path}': {error.strerror or error}") from None
        except ValidationError:
            raise InvalidInputError(f"'{path}' holds no result of this Kindred") from None

    def keep(self) -> Path:
        """Keep the figures as the latest for their source, in the cache folder, for the app.

        Raises OSError where the file cannot be written.
        """
        path = _path(self.source.name, self.kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Who reads half a file takes it for none: see below.
        path.write_text(self.without_people().model_dump_json(), encoding="utf-8")
        return path

    @classmethod
    def latest(cls, source: str, *, kind: Kind = "ranking") -> Self | None:
        """Find the latest result for a source by its name, or None where there is none to read."""
        try:
            return cls.model_validate_json(_path(source, kind).read_bytes())
        except (OSError, ValidationError):
            return None

    def without_people(self) -> Self:
        """Leave out what each person got: the figures alone, which take little space."""
        alone = [one.model_copy(update={"each": (), "weights": ()}) for one in self.figures]
        return self.model_copy(update={"figures": tuple(alone)})

    def __repr__(self) -> str:
        about = f"{self.kind} of {', '.join(self.methods)} on {self.source.name}"
        return f"<Quality: {about}, {len(self.figures)} figures>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        shown = [
            f"<p>{METRICS[name].title}</p>{self.table(name).to_html(float_format='{:.3f}'.format)}"
            for name in _MAIN[self.kind]
            if self.of(name)
        ]
        return "".join(shown)

    def _main(self, metric: str | None) -> str:
        name = metric or _MAIN[self.kind][0]
        if not self.of(name):
            known = ", ".join(dict.fromkeys(figure.metric for figure in self.figures))
            raise InvalidInputError(f"'{name}' was not measured here: choose {known}")
        return name

    @staticmethod
    def _frame(figures: tuple[Figure, ...]) -> pd.DataFrame:
        import pandas as pd  # noqa: PLC0415 - slow to import

        first = ["method", "metric", "asked", "count", "value", "low", "high"]
        ends = attrgetter("value", "low", "high")
        none = Interval(value=math.nan, low=math.nan, high=math.nan)
        rows = [
            (
                *attrgetter(*first)(one),
                *ends(one.lead or none),
                ", ".join(f"{name} {value}" for name, value in one.setting.items()),
            )
            for one in figures
        ]
        return pd.DataFrame(rows, columns=[*first, "lead", "lead_low", "lead_high", "setting"])


def _path(source: str, kind: Kind) -> Path:
    # A name may be a path; its digest is always a file name.
    digest = hashlib.sha256(source.encode()).hexdigest()[:32]
    return CacheSettings.read().cache / "quality" / f"{digest}-{kind}.json"
