"""A person's opinions of movies, and the document that holds them in files and requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, FailFast, Field, ValidationError

from recommender.catalogue.movies import Movie, MovieKey
from recommender.errors import InvalidInputError
from recommender.opinion import Opinion, Scale
from recommender.storage.encoding import ExternalId
from recommender.storage.manifest import source_label
from recommender.validation import shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MOST_FILMS",
    "DocumentFilm",
    "Opinions",
    "Profile",
    "ProfileDocument",
    "RatedFilm",
    "source_label",
]

Opinions = Mapping[Any, float]
"""Movies, each an :data:`MovieKey`, and numbers. ``Any``, because to a type checker a
``dict[int, float]`` is no ``Mapping[MovieKey, float]``."""

MOST_FILMS = 20_000
"""Films in one list of a document: few enough to be matched by title in some seconds."""
_VERSION = 1
"""Of the document. Files written as version 1 by any Kindred can be read."""
# Beyond this, and so for infinity and NaN, arithmetic on stars makes no sense.
_HUGE = 1e300


def _iso(when: str) -> str:
    datetime.fromisoformat(when)  # raises ValueError where it is neither a day nor a time
    return when


class DocumentFilm(BaseModel):
    """A film of a document: an id, facts by which another index may know it, or both."""

    # No larger than in a catalogue: tables cannot show every number that JSON can hold.
    movie_id: (
        Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
        | Annotated[str, Field(strict=True)]
        | None
    ) = None
    title: str | None = None
    year: Annotated[int, Field(ge=0, lt=10**10)] | None = None
    imdb_id: Annotated[str, Field(max_length=20)] | None = None
    tmdb_id: Annotated[int, Field(ge=0, lt=10**10)] | None = None
    source: str | None = None
    """Whose id the ``movie_id`` is, where that is another source than the document's."""
    when: Annotated[str, Field(max_length=40), AfterValidator(_iso)] | None = None

    def key(self, *, own_ids: bool | None) -> MovieKey:
        """Name the film as a profile does.

        Its ``movie_id`` is an id of the index if ``own_ids``. Where that is not known (None), what
        means the same everywhere comes first: the number may be another film's here.
        """
        if own_ids and self.movie_id is not None:
            return self.movie_id
        if self.imdb_id:
            return f"imdb:{self.imdb_id}"
        if self.tmdb_id is not None:
            return f"tmdb:{self.tmdb_id}"
        if own_ids is None and self.movie_id is not None and not self.title:
            return self.movie_id
        if not self.title:
            raise InvalidInputError(
                f"film {shown(self.movie_id)} of the profile has neither an IMDb nor a TMDB id nor "
                "a title, and its own id means nothing in this index: leave it out"
            )
        return self.title if self.year is None else f"{self.title} ({self.year})"


class RatedFilm(DocumentFilm):
    """A film of a document with what is said of it."""

    opinion: Literal["like", "seen", "dislike"] | None = None
    stars: Annotated[float, Field(allow_inf_nan=False)] | None = None


# A list ends at its first fault, and at so many films, however many more a file holds.
_FILMS = (FailFast(), Field(max_length=MOST_FILMS))


class ProfileDocument(BaseModel):
    """A profile as JSON: what :meth:`Profile.to_dict` gives and :meth:`Profile.from_dict` takes."""

    kindred_taste: Literal[1] = 1
    source: str | None = None
    """Whose ids the ``movie_id`` are, by the name of the source of the index."""
    scale: tuple[float, float] | None = None
    user_id: int | str | None = None
    ratings: Annotated[list[RatedFilm], *_FILMS] = []
    watchlist: Annotated[list[DocumentFilm], *_FILMS] = []
    hidden: Annotated[list[DocumentFilm], *_FILMS] = []

    @classmethod
    def read(cls, document: object) -> Self:
        """Check a document, given as JSON text or as what that was parsed to.

        Raises InvalidInputError where it is none, of another version, or a field cannot be used.
        """
        try:
            if isinstance(document, str | bytes):
                return cls.model_validate_json(document)
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        if place == "kindred_taste":
            raise InvalidInputError(
                f"the profile is of version {shown(first['input'])}, and this Kindred reads "
                f"version {_VERSION}: use the Kindred that wrote it"
            )
        if first["type"] == "too_long":
            raise InvalidInputError(f"{place} has more than {MOST_FILMS:,} films: leave some out")
        where = f" ({place}: {first['msg']})" if place else ""
        raise InvalidInputError(f"this is not a profile as Kindred writes it{where}")


@dataclass(frozen=True)
class Profile:
    """A person's opinions of movies; it knows no index until a question is asked.

    Profiles can be compared and pickled, and never change.

    Parameters
    ----------
    opinions : mapping of movie to int
        1 like, 0 seen, -1 dislike: see :class:`Opinion`. Movies are named by their id in the
        source of the index, by ``imdb:tt0133093``, ``tmdb:603``, or by title.
    stars : mapping of movie to float, optional
        Stars, by the same names. Of a movie that has no opinion, the stars say what it is. What is
        recommended goes by opinions alone; predicted stars go by these where there are any.
    watchlist : sequence of movie, optional
        Movies saved for later. They say nothing of taste.
    hidden : sequence of movie, optional
        Movies of no interest: they are not recommended, and say nothing of taste either.
    when : mapping of movie to str, optional
        When a movie was rated, saved or hidden, where that is known: a day or a time as ISO 8601
        writes it (``2015-12-31``, ``2015-12-31T20:15:00Z``).
    scale : (low, high), optional
        The scale of the stars; the index's own unless given.
    user_id : int or str, optional
        The stored rater whose ratings these are, who is then not their own neighbour.

    Raises
    ------
    InvalidInputError
        Where an opinion is anything else, stars are no finite numbers, or the scale is none. Stars
        off the scale are found when a question is asked.

    Examples
    --------
    >>> Profile({2571: 1, "tmdb:11": 1, 1721: -1})
    Profile(3 movies)
    >>> Profile({2571: 1, 1721: -1}, stars={2571: 4.5}, scale=(0.5, 5))
    Profile(2 movies)
    >>> Profile.from_stars({2571: 4.5, 1721: 2}) == Profile(stars={2571: 4.5, 1721: 2})
    True
    """

    opinions: Opinions = field(default_factory=dict)
    stars: Opinions = field(default_factory=dict, kw_only=True)
    watchlist: tuple[MovieKey, ...] = field(default=(), kw_only=True)
    hidden: tuple[MovieKey, ...] = field(default=(), kw_only=True)
    when: Mapping[Any, str] = field(default_factory=dict, kw_only=True)
    scale: tuple[float, float] | None = field(default=None, kw_only=True)
    user_id: ExternalId | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check_mapping(self.opinions)
        for movie, opinion in self.opinions.items():
            if not isinstance(opinion, Real) or opinion not in (1, 0, -1):
                raise InvalidInputError(
                    f"the opinion of movie {shown(movie)} is {shown(opinion)}: give 1 for a like, "
                    "0 for seen, -1 for a dislike, or use Profile.from_stars for stars"
                )
        _check_stars(self.stars)
        if self.scale is not None:
            object.__setattr__(self, "scale", _scale(self.scale))
        # Copies that cannot change: a profile may outlive the caller's dicts.
        opinions = {movie: Opinion(int(opinion)) for movie, opinion in self.opinions.items()}
        mappings = {"opinions": opinions, "stars": self.stars, "when": self.when}
        for name, mapping in mappings.items():
            object.__setattr__(self, name, MappingProxyType(dict(mapping)))
        for name in ("watchlist", "hidden"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def __getstate__(self) -> dict[str, Any]:
        # A view that cannot change a dict cannot be pickled either.
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in vars(self).items()
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.__post_init__()

    @classmethod
    def from_stars(cls, ratings: Opinions, scale: tuple[float, float] | None = None) -> Self:
        """Make a profile of star ratings; see the parameters ``stars`` and ``scale``."""
        return cls(stars=ratings, scale=scale)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        movie: str = "movie_id",
        stars: str = "rating",
        scale: tuple[float, float] | None = None,
    ) -> Self:
        """Make a profile of a table of star ratings.

        Parameters
        ----------
        frame : DataFrame
            A row for each rating; of several rows of one movie the last counts.
        movie, stars : str
            Names of the columns.
        scale : (low, high), optional
            The scale the stars are on; the index's own unless given.

        Raises
        ------
        InvalidInputError
            Where a column is missing, or a value cannot be used.
        """
        for name in (movie, stars):
            if name not in frame.columns:
                there = ", ".join(map(str, frame.columns))
                raise InvalidInputError(f"the table has no column {shown(name)}: there are {there}")
        return cls.from_stars(
            dict(zip(frame[movie].tolist(), frame[stars].tolist(), strict=True)), scale
        )

    @classmethod
    def from_dict(cls, document: object, *, source: str | None = None) -> Self:
        """Read what :meth:`to_dict` gave, or that as JSON text.

        Parameters
        ----------
        document : mapping or str
            The document.
        source : str, optional
            Name of the source of the index that is going to be asked. Where the document names
            another one, or none, films go by their IMDb and TMDB ids or by title, since a number
            may be another film's there.

        Raises
        ------
        InvalidInputError
            Where it is no such document, or a film can be named in no way.
        """
        read = ProfileDocument.read(document)

        def is_own(whose: str | None) -> bool | None:
            if source is None or whose is None:
                return True if source is None else None
            return source_label(whose) == source_label(source)

        def keys(films: Iterable[DocumentFilm]) -> Iterator[MovieKey]:
            return (film.key(own_ids=is_own(film.source or read.source)) for film in films)

        rated = [*zip(keys(read.ratings), read.ratings, strict=True)]
        watchlist, hidden = tuple(keys(read.watchlist)), tuple(keys(read.hidden))
        all_of = [*rated, *zip((*watchlist, *hidden), [*read.watchlist, *read.hidden], strict=True)]
        return cls(
            {key: Opinion.named(film.opinion) for key, film in rated if film.opinion},
            stars={key: film.stars for key, film in rated if film.stars is not None},
            watchlist=watchlist,
            hidden=hidden,
            when={key: film.when for key, film in all_of if film.when},
            scale=read.scale,
            user_id=read.user_id if is_own(read.source) else None,
        )

    def to_dict(
        self, movies: Mapping[MovieKey, Movie] | None = None, *, source: str | None = None
    ) -> dict[str, Any]:
        """Return the profile as a document for JSON: for files, the API and other programs.

        Parameters
        ----------
        movies : mapping of movie to Movie, optional
            What is known of the movies, by the names they have here. It is written beside their
            ids, so that another index can know them.
        source : str, optional
            Name of the source whose ids these are.

        Raises
        ------
        InvalidInputError
            Where there are more than 20,000 films, or one is named as a document cannot.
        """
        known = movies or {}

        def film(key: MovieKey) -> dict[str, Any]:
            movie, when = known.get(key), {"when": self.when.get(key)}
            if movie is not None:
                names = ("movie_id", "title", "year", "imdb_id", "tmdb_id")
                return {name: getattr(movie, name) for name in names} | when
            scheme, _, number = str(key).partition(":")
            if scheme in ("imdb", "tmdb"):
                return {f"{scheme}_id": number} | when
            return {"movie_id": key if isinstance(key, str) else int(key)} | when

        def rated(key: MovieKey) -> dict[str, Any]:
            opinion = self.opinions.get(key)
            word = None if opinion is None else Opinion(int(opinion)).word
            return {"opinion": word, "stars": self.stars.get(key)}

        document = ProfileDocument.read(
            {
                "source": source,
                "scale": self.scale,
                "user_id": self.user_id,
                "ratings": [film(key) | rated(key) for key in self.movies],
                "watchlist": [film(key) for key in self.watchlist],
                "hidden": [film(key) for key in self.hidden],
            }
        )
        return document.model_dump(mode="json", exclude_none=True)

    @classmethod
    def of(cls, given: Profile | Opinions) -> Profile:
        """Read a mapping as opinions; a profile stays what it is."""
        return given if isinstance(given, Profile) else cls(given)

    @property
    def movies(self) -> tuple[MovieKey, ...]:
        """The movies that are rated, in the order given."""
        return tuple({**self.opinions, **self.stars})

    @property
    def films(self) -> tuple[MovieKey, ...]:
        """All movies of the profile: rated, saved and hidden, each once where it is in one only."""
        return (*self.movies, *self.watchlist, *self.hidden)

    def without(self, *movies: MovieKey) -> Profile:
        """Return the profile without some movies, wherever in it they are."""
        gone = {*movies}

        def left(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
            return {movie: value for movie, value in mapping.items() if movie not in gone}

        return replace(
            self,
            opinions=left(self.opinions),
            stars=left(self.stars),
            watchlist=tuple(movie for movie in self.watchlist if movie not in gone),
            hidden=tuple(movie for movie in self.hidden if movie not in gone),
            when=left(self.when),
        )

    def __len__(self) -> int:
        return len(self.movies)

    def __repr__(self) -> str:
        whose = "" if self.user_id is None else f" of user {self.user_id!r}"
        return f"Profile({len(self)} movies{whose})"


def _check_mapping(opinions: object) -> None:
    if not isinstance(opinions, Mapping):
        raise InvalidInputError(
            f"a profile is made of a mapping of movies to opinions, not of {shown(opinions)}"
        )


def _check_stars(ratings: Opinions) -> None:
    _check_mapping(ratings)
    for movie, stars in ratings.items():
        if isinstance(stars, bool) or not isinstance(stars, Real) or not _finite(stars):
            raise InvalidInputError(
                f"movie {shown(movie)} is rated {shown(stars)}: give finite stars"
            )


def _finite(stars: Real) -> bool:
    try:
        return abs(float(stars)) < _HUGE
    except OverflowError:
        return False


def _scale(scale: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = scale
        checked = Scale(low=low, high=high)
    except (TypeError, ValueError):
        raise InvalidInputError(
            f"{shown(scale)} is not a scale: give (low, high), such as (0.5, 5)"
        ) from None
    return checked.low, checked.high
