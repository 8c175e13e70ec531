"""Options that several commands share, in groups, and what each group makes of them.

:class:`IndexOptions` opens the index, :class:`ProfileOptions` reads who asks,
:class:`MovieOptions` and :class:`RaterOptions` make the two filters of a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from kindred.profile_file import read_profile
from recommender import (
    InvalidInputError,
    MovieFilter,
    MovieKey,
    Opinion,
    Profile,
    RaterFilter,
    Recommender,
    Scale,
)
from recommender.opinion import parse_scale
from recommender.storage.index import IndexStore
from recommender.storage.open_store import choose_store
from ui.transfer.files.headings import NAMED
from ui.transfer.files.named_columns import TableReading

__all__ = [
    "ColumnsOption",
    "DatesOption",
    "Dial",
    "Diversity",
    "IndexOptions",
    "Json",
    "Limit",
    "MovieArgument",
    "MovieOptions",
    "ProfileOptions",
    "RaterOptions",
    "ScaleOption",
    "expand",
    "read_columns",
    "read_scale",
]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Limit = Annotated[int, typer.Option(help="At most this many movies, 1 to 1000.")]
Dial = Annotated[float | None, typer.Option(help="0 for familiar movies to 1 for the least known.")]
Diversity = Annotated[
    float, typer.Option(help="0 for the best first to 1 for movies as unlike as can be.")
]
MovieArgument = Annotated[str, typer.Argument(metavar="MOVIE", help="An id or a title.")]
ScaleOption = Annotated[
    str | None,
    typer.Option("--scale", metavar="LOW:HIGH", help="Scale of the ratings, where it is unusual."),
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="user=…,movie=…,rating=…,time=…",
        help="Headings of the columns of ratings, or their numbers from 1, where they are unusual.",
    ),
]
DatesOption = Annotated[
    Literal["day-first", "month-first"] | None,
    typer.Option("--dates", help="How to read dates such as 3/4/2015, where they leave it open."),
]
_Texts = list[str]


@dataclass(frozen=True, kw_only=True)
class IndexOptions:
    """Which index a command is about."""

    index: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the index; otherwise $KINDRED_INDEX, or the per-user data folder.",
        ),
    ] = None
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Qdrant server of the index instead, or nodes of a cluster, with commas; "
            "otherwise $QDRANT_URL.",
        ),
    ] = None
    name: Annotated[
        str | None,
        typer.Option(help="Name of the index there; otherwise $QDRANT_NAME, or 'kindred'."),
    ] = None

    def store(self, **layout: Any) -> IndexStore:
        """Choose the store of the index; ``layout`` is for who makes a new one."""
        return choose_store(self.index, url=self.url, name=self.name, **layout)

    def open(self) -> Recommender:
        """Open the index to ask it.

        Raises IndexProblem where there is none, or it cannot be read.
        """
        return Recommender(self.store())


@dataclass(frozen=True, kw_only=True)
class ProfileOptions:
    """Who asks: opinions given one by one, a stored rater, or a file; nobody without any."""

    like: Annotated[_Texts, typer.Option(metavar="MOVIE", help="A movie you like.")]
    dislike: Annotated[_Texts, typer.Option(metavar="MOVIE", help="One you dislike.")]
    seen: Annotated[_Texts, typer.Option(metavar="MOVIE", help="One you have seen, no more.")]
    user: Annotated[
        str | None, typer.Option(metavar="ID", help="For a rater of the source instead.")
    ] = None
    profile: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What you said of movies: as the app downloads it for Kindred, or an export of "
            "IMDb, Letterboxd, Trakt and others (CSV, JSON, zip); - reads it from standard input.",
        ),
    ] = None
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="title=…,rating=…",
            help="Headings of the columns of that table, or their numbers from 1, where they are "
            f"unusual: of {', '.join(NAMED)}.",
        ),
    ] = None
    scale: ScaleOption = None

    def __post_init__(self) -> None:
        # Checked before an index is opened, so that wrong usage is told first: options that exclude
        # each other with exit code 2, two opinions of a movie with 1.
        if self._kinds > 1:
            raise typer.BadParameter(
                "give --user, --profile, or your own --like, --dislike, --seen: only one of these"
            )
        if self.profile is None and (self.columns or self.scale):
            raise typer.BadParameter("--columns and --scale say how the file of --profile is read")
        self._reading()
        self._opinions()

    @property
    def given(self) -> bool:
        """Whether anything is said of a person."""
        return self._kinds > 0

    @property
    def _kinds(self) -> int:
        given = [self.like + self.dislike + self.seen, self.user, self.profile]
        return sum(kind not in (None, []) for kind in given)

    def _reading(self) -> TableReading | None:
        columns = read_columns(self.columns, NAMED, "title=Film,rating=Stars")
        scale = read_scale(self.scale)
        return TableReading(columns, scale) if columns or scale else None

    def read(self, rec: Recommender) -> Profile:
        """Make the profile to ask with.

        Raises InvalidInputError where the rater or the file cannot be used.
        """
        if self.user is not None:
            return rec.profile_of(self.user)
        if self.profile is not None:
            return read_profile(self.profile, rec, self._reading())
        return Profile(self._opinions())

    def _opinions(self) -> dict[MovieKey, Opinion]:
        opinions: dict[MovieKey, Opinion] = {}
        given = {Opinion.LIKE: self.like, Opinion.DISLIKE: self.dislike, Opinion.NEUTRAL: self.seen}
        for opinion, movies in given.items():
            for movie in movies:
                if opinions.setdefault(movie, opinion) != opinion:
                    raise InvalidInputError(
                        f"movie '{movie}' is given with two opinions: choose one"
                    )
        return opinions


@dataclass(frozen=True, kw_only=True)
class MovieOptions:
    """Which movies may be recommended; the fields are those of :class:`MovieFilter`."""

    genres: Annotated[_Texts, typer.Option("--genre", help="Only movies of this genre.")]
    exclude_genres: Annotated[_Texts, typer.Option("--not-genre", help="No movies of this genre.")]
    years: Annotated[
        str | None, typer.Option(metavar="FIRST:LAST", help="Only movies of these years.")
    ] = None
    min_ratings: Annotated[
        int | None,
        typer.Option(help="Only movies rated this often; unless given, those of a few are hidden."),
    ] = None
    exclude: Annotated[_Texts, typer.Option(metavar="MOVIE", help="Not this movie.")]
    tags: Annotated[_Texts, typer.Option("--tag", help="Only movies with this tag.")]
    title: Annotated[
        _Texts, typer.Option("--title", metavar="TEXT", help="Only movies with this in the title.")
    ]

    def filter(self) -> MovieFilter:
        """Make the filter.

        Raises InvalidInputError where the years are no range.
        """
        return MovieFilter(**vars(self) | {"years": _years(self.years)})


@dataclass(frozen=True, kw_only=True)
class RaterOptions:
    """Whose ratings count, and from which day on."""

    since: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Only raters still there on this day, as 2015-12-31."),
    ] = None
    votes_since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Count only ratings given since this day.")
    ] = None
    rater: Annotated[
        _Texts, typer.Option(metavar="NAME=VALUE", help="Only such raters, as age=25-34.")
    ]

    def filter(self) -> RaterFilter:
        """Make the filter; an attribute given twice may have either value.

        Raises InvalidInputError where an attribute has no ``=``.
        """
        attributes: dict[str, list[str]] = {}
        for pair in self.rater:
            name, equals, value = pair.partition("=")
            if not equals:
                raise InvalidInputError(
                    f"'{pair}' is no attribute: write NAME=VALUE, such as age=25-34"
                )
            attributes.setdefault(name.strip().casefold(), []).append(value)
        return RaterFilter(
            active_since=self.since, votes_since=self.votes_since, attributes=attributes
        )


def _years(text: str | None) -> tuple[int | None, int | None] | None:
    """Read ``FIRST:LAST``, where either may be left out."""
    if text is None:
        return None
    try:
        first, last = (int(year) if year else None for year in text.split(":"))
        return first, last
    except ValueError:
        raise InvalidInputError(
            f"'{text}' is no range of years: write FIRST:LAST, such as 1980:1999 or 1980:"
        ) from None


def read_columns(text: str | None, names: Sequence[str], example: str) -> dict[str, str] | None:
    """Read the columns that ``--columns`` names, each of them after one of some ``names``.

    Raises BadParameter where they are not written as they should be.
    """
    if text is None:
        return None
    # A heading may have commas of its own.
    parts = re.split(rf",(?=\s*(?:{'|'.join(names)})\s*=)", text)
    pairs = [[end.strip() for end in part.split("=", 1)] for part in parts]
    if any(len(pair) < 2 or not all(pair) or pair[0] not in names for pair in pairs):
        raise typer.BadParameter(f"--columns '{text}' is not a list such as {example}")
    return dict(pairs)


def read_scale(text: str | None) -> Scale | None:
    """Read ``LOW:HIGH``, or None where the scale is to be found in the ratings.

    Raises InvalidInputError where it is something else.
    """
    return None if text is None else parse_scale(text)


def expand(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each group of options in a command's signature by the options of the group.

    Typer reads a command's options from its signature and knows no groups. Parameters of a
    dataclass type are groups: the command gets them filled from its fields' options.
    """
    groups: dict[str, type[Any]] = {}
    parameters: list[Parameter] = []
    kinds = get_type_hints(command, include_extras=True)
    for name, parameter in signature(command).parameters.items():
        if is_dataclass(kinds[name]):
            groups[name] = kinds[name]
            parameters += _options(kinds[name])
        else:
            parameters.append(parameter.replace(annotation=kinds[name]))

    @wraps(command)
    def run(**given: Any) -> None:
        filled = {
            name: group(**{option.name: given.pop(option.name) for option in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **filled)

    # Typer looks at both: at the signature for the defaults, at the annotations for the types. That
    # functions may have a signature set (PEP 362) is missing in the stubs.
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _options(group: type[Any]) -> list[Parameter]:
    kinds = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            option.name,
            Parameter.KEYWORD_ONLY,
            # Fields without a default are lists, of options that may be given several times.
            default=[] if option.default is MISSING else option.default,
            annotation=kinds[option.name],
        )
        for option in fields(group)
    ]
