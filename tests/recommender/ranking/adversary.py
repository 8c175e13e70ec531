"""Questions that nobody should ask, made by chance, and a judge of the answers.

Every question follows from a seed and a number, so that any of them can be asked again. What an
answer must hold is known from how its question was made, not from what the recommender read in it.
"""

from __future__ import annotations

import datetime
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from recommender import (
    AmbiguousMovieError,
    InvalidInputError,
    Movie,
    MovieFilter,
    Profile,
    RaterFilter,
    Recommendation,
    Recommendations,
    Recommender,
)
from recommender.catalogue.titles import folded
from tests.support import assert_one_line, movies_text, random_ratings, ratings_text

__all__ = ["BAD", "KINDS", "STARLESS", "Question", "World", "check", "rich_source"]

HUGE = 10**5000
"""More digits than Python prints."""
LONG = "x" * 100_000
NAMELESS: tuple[Any, ...] = (
    *(-1, 10**9, 2**63, -(2**70), True, None, math.nan, 1.5, b"1", (1, 2), np.float64(1)),
    *("", " ", "id:", "id:x", "imdb:", "imdb:tt9999999999", "tmdb:-1", "-1", "NaN"),
    *("no such\nfilm", "\ud800", "\x00", "<b>none</b>", "💣" * 1000, LONG, "9" * 5000),
)
"""What no movie is called."""
OPINIONLESS: tuple[Any, ...] = (
    *(2, -2, 0.5, math.nan, math.inf, HUGE, -HUGE, "1", LONG, None, 1j, b"1", (1,)),
    *(Fraction(1, 2), np.float64(math.nan), np.bool_(True)),
)
STARLESS: tuple[Any, ...] = (
    *(math.nan, math.inf, -math.inf, True, "5", LONG, None, 1j, HUGE, -HUGE, 10**299, -1, 99),
    *(1e308, Fraction(99), Fraction(HUGE), np.float64(99), np.float32("nan")),
)
SCALELESS: tuple[Any, ...] = (
    *((5, 1), (1, 1), (math.nan, 5), (0, math.inf), "ab", LONG, 5, (1, 2, 3), (None, 5)),
    (0, HUGE),
)
BAD: dict[str, tuple[Any, ...]] = {
    "limit": (0, -1, 1001, HUGE, True, 2.0, math.nan, "5", None, np.bool_(True), LONG),
    "adventurous": (math.nan, -0.1, 1.1, math.inf, "x", 1j, HUGE, -HUGE, [0.5], LONG),
    "diversity": (math.nan, -0.1, 1.1, math.inf, "x", 1j, HUGE, None, [0.5], LONG),
    "genres": ("Drama", {"nope"}, {"a\nb"}, {3}, {None}, 5, {"\ud800"}, {LONG}, {""}, LONG),
    "exclude_genres": ("Drama", {"nope"}, {"a\nb"}, {3}, 5, {LONG}),
    "tags": ("space", {"nope\nnope"}, {3}, 5, {"\ud800"}, {LONG}, {""}),
    "years": (
        *((1999, 1980), 1999, (1, 2, 3), ("a", "b"), (math.nan, 1), (HUGE, 1), (LONG, 1)),
        *((math.inf, None), [[], []], "a"),
    ),
    "min_ratings": (-1, True, 1.5, "x", LONG, math.nan, -HUGE, np.float64(3)),
    "exclude": ("5", 5, LONG, ["no such\nfilm"], [math.nan], [None], iter([1])),
    "title": ("", "!?", "\n", 5, b"x", "!" * 100_000, math.nan, ["a", "!"], [5]),
    "active_since": ("yesterday", "2015-13-01", 5, math.nan, LONG, "\n", [], HUGE),
    "votes_since": ("yesterday", "0000-00-00", 5, LONG, HUGE),
    "attributes": (
        "age",
        5,
        {"nope": 1},
        {"a\nb": 1},
        {LONG: "x"},
        [("age", "x")],
        LONG,
    ),
}
"""Arguments that must be refused, whatever the index."""
OPINION_FORMS: dict[int, tuple[Any, ...]] = {
    said: (said, float(said), np.int64(said), np.float32(said), Fraction(said))
    for said in (1, 0, -1)
}
COLLECTIONS: tuple[Callable[[Any], Any], ...] = (list, set, tuple, dict.fromkeys, np.array)
KINDS = {
    **{"one": 8, "few": 4, "all seen": 2, "all disliked": 2, "many": 0.2, "stored rater": 0.05},
    **{"stars": 1, "stars on another scale": 0.7, "names twice": 1, "at odds": 10, "empty": 22},
    **{"unknown movie": 3, "no opinion": 13, "no stars": 12, "no scale": 6, "no mapping": 6},
    **{"unknown rater": 9, "5,000 ratings": 0.03, "whole catalogue": 0.02},
}
"""Kinds of profiles, and how often each is asked with."""
REFUSED = {"unknown movie", "no opinion", "no stars", "no scale", "no mapping", "unknown rater"}


@dataclass
class Question:
    """A profile, arguments, and what is known of their answer."""

    number: int
    kind: str
    make: Callable[[Recommender], Any]
    """Makes the profile, which may be refused."""
    said: dict[Any, int] = field(default_factory=dict)
    """Ids of the movies in it, and opinions unless they follow from stars."""
    arguments: dict[str, Any] = field(default_factory=dict)
    excluded: frozenset[Any] = frozenset()
    refused: bool = False
    """Whether it must be refused."""

    def ask(self, rec: Recommender, *, again: bool = False) -> Recommendations:
        """Ask it; the second time with the profile in another order."""
        profile = self.make(rec)
        if again and isinstance(profile, Mapping):
            profile = dict(reversed(list(profile.items())))
        return rec.recommend(profile, **as_filters(self.arguments))


def as_filters(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a question, with the fields of filters in one of each kind."""
    of_movies, of_raters = (
        {name: arguments[name] for name in arguments if name in fields}
        for fields in (MovieFilter.__dataclass_fields__, RaterFilter.__dataclass_fields__)
    )
    rest = {name: arguments[name] for name in arguments if name not in {**of_movies, **of_raters}}
    movies, raters = MovieFilter(**of_movies), RaterFilter(**of_raters)
    return {**rest, "movies": movies, "raters": raters}


class World:
    """What is in an index, and questions about it."""

    def __init__(self, rec: Recommender, *, seed: int) -> None:
        self.rec, self.seed = rec, seed
        self.stats = rec.stats()
        with rec._live.version() as version:
            catalogue, index = version.catalogue, version.index
            self.movies = [catalogue.movie(number) for number in range(len(catalogue))]
            some = np.arange(min(300, index.manifest.maintenance.next_user))
            self.raters = [rater.user_id for rater in index.raters(some)]
        self.places = {movie.movie_id: place for place, movie in enumerate(self.movies)}
        self.tags = sorted({tag for movie in self.movies for tag in movie.tags})

    def question(self, number: int) -> Question:
        """Make the question with a number."""
        dice = random.Random(f"{self.seed} {number}")
        kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
        question = Question(number, kind, lambda _: {}, refused=kind in REFUSED)
        self._fill(question, dice)
        if dice.random() < 0.5:
            self._ask_more(question, dice)
        return question

    def _fill(self, question: Question, dice: random.Random) -> None:
        """Give the question its profile."""
        kind = question.kind
        if kind == "empty":
            empty = dice.choice([{}, MappingProxyType({}), Profile(), Profile.from_stars({})])
            question.make = lambda _: empty
        elif kind == "no mapping":
            nothing = dice.choice([None, 5, "Heat", LONG, [1, 2], {1, 2}, [(1, 1)], math.nan, HUGE])
            question.make = lambda _: nothing
        elif kind == "stored rater":
            rater = dice.choice(self.raters)
            known = self.rec.profile_of(rater).movies
            question.said = {self._meant(name): 0 for name in known}
            question.make = lambda rec: rec.profile_of(rater)
        elif kind == "unknown rater":
            nobody: Any = dice.choice([-1, 10**9, None, math.nan, "x\ny", LONG, True, "9" * 5000])
            question.make = lambda rec: rec.profile_of(nobody)
        else:
            self._say(question, dice)

    def _meant(self, name: Any) -> Any:
        ident = str(name).removeprefix("id:")
        return int(ident) if self.stats.movie_ids == "int" else ident

    def _say(self, question: Question, dice: random.Random) -> None:
        """Give it opinions or stars of some movies, under any of their names."""
        kind = question.kind
        sizes = {"one": (1, 1), "many": (21, 60), "5,000 ratings": (2500, 2500)}
        sizes["whole catalogue"] = (len(self.movies), len(self.movies))
        size = dice.randint(*sizes.get(kind, (1, 8)))
        movies = dice.sample(self.movies, min(size, len(self.movies)))
        choice = {"all seen": (0,), "all disliked": (-1,)}.get(kind, (1, 1, 0, -1))
        question.said = {movie.movie_id: dice.choice(choice) for movie in movies}
        twice = kind in {"names twice", "5,000 ratings"}
        named = [(movie, name) for movie in movies for name in self._names(movie, dice, twice)]
        given: dict[Any, Any] = {
            name: dice.choice(OPINION_FORMS[question.said[movie.movie_id]]) for movie, name in named
        }
        if kind in {"stars", "stars on another scale", "no stars", "no scale"}:
            self._rate(question, given, dice)
            return
        if kind == "unknown movie":
            nameless = dice.choice(NAMELESS)
            given.pop(nameless, None)  # True and 1.0 are the same key as movie 1
            given[nameless] = 1
        elif kind == "no opinion":
            given[dice.choice(list(given))] = dice.choice(OPINIONLESS)
        elif kind == "at odds":
            given |= dict.fromkeys((movies[0].movie_id, f"id:{movies[0].movie_id}"), 1)
            given[f" {movies[0].movie_id} "] = -1
            question.refused = True
        wrappers: tuple[Callable[[Any], Any], ...] = (dict, MappingProxyType, Profile)
        wrapped = dice.choice(wrappers)
        question.make = lambda _: wrapped(given)

    def _rate(self, question: Question, given: dict[Any, Any], dice: random.Random) -> None:
        low, high, scale = 1.0, 5.0, None
        if question.kind == "stars on another scale":
            low, high = dice.choice([(0, 100), (-1, 1), (0, 1e-300), (-1e299, 1e299), (4.5, 4.6)])
            scale = (low, high)
        given = {
            name: dice.choice([dice.uniform(low, high), low, high, np.float64(high)])
            for name in given
        }
        if question.kind == "no stars":
            given[dice.choice(list(given))] = dice.choice(STARLESS)
        elif question.kind == "no scale":
            scale = dice.choice(SCALELESS)
        question.make = lambda _: Profile.from_stars(given, scale)

    def _names(self, movie: Movie, dice: random.Random, twice: bool) -> list[Any]:
        """Name a movie in one or two of the ways that mean it."""
        plain = movie.movie_id
        names: list[Any] = [plain, f"id:{plain}", f" {plain} "]
        if isinstance(plain, int):
            names += [np.int64(plain), np.int32(plain), f"+{plain}", f"id: 0{plain}"]
        if movie.imdb_id:
            names += [f"imdb:{movie.imdb_id}", f"IMDB:{movie.imdb_id.removeprefix('tt')}"]
        if movie.tmdb_id:
            names += [f"tmdb:{movie.tmdb_id}"]
        if movie.year:
            names += [str(movie)]
        return dice.sample(names[:3], 2) if twice else [dice.choice(names)]

    def _ask_more(self, question: Question, dice: random.Random) -> None:
        """Give it filters and other arguments, few of them bad."""
        for name in dice.sample(list(BAD), dice.choice((1, 1, 1, 2, 3))):
            if dice.random() < 0.15:
                question.arguments[name] = dice.choice(BAD[name])
                question.refused = True
            else:
                self._add(question, name, dice)

    def _add(self, question: Question, name: str, dice: random.Random) -> None:
        """Give it one argument that can be answered."""
        movies = dice.sample(self.movies, min(len(self.movies), dice.choice((0, 1, 3, 9, 30, 300))))
        some = [movie.movie_id for movie in movies]
        match name:
            case "limit":
                given: Any = dice.choice((1, 2, 3, 5, 20, np.int64(7), np.int32(9), 1000))
            case "adventurous" | "diversity":
                given = dice.choice((0, 1, 0.5, True, 1e-320, np.float32(0.3), Fraction(1, 3)))
            case "genres" | "exclude_genres":
                genres = dice.sample(self.stats.genres, dice.randint(0, len(self.stats.genres)))
                given = dice.choice(COLLECTIONS)([f" {g.upper()}" for g in genres])
            case "tags":
                given = set(dice.sample(self.tags, min(len(self.tags), dice.randint(0, 3))))
            case "years":
                low = dice.choice((None, -HUGE, 1900, 1990, 2050, np.int64(1980)))
                given = (low, dice.choice((None, HUGE, 9999, np.float64(2060))))
            case "min_ratings":
                given = dice.choice((None, 0, 3, 100, 10**9, HUGE, np.int64(50)))
            case "exclude":
                some = dice.choice([*[some] * 5, *[list(question.said)] * 4, list(self.places)])
                question.excluded = frozenset(some)
                given = dice.choice(COLLECTIONS)([f"id:{movie}" for movie in some])
            case "title":
                texts = ("a", "the", "STAR ", "é", "1", LONG, "\x00film", "💣 day")
                given = dice.choice((dice.choice(texts), dice.sample(texts, 2)))
            case "active_since" | "votes_since":
                days = ("0001-01-01", "1970-01-05", datetime.date.max, "2100-01-01")
                given = dice.choice((*days, datetime.datetime(1970, 2, 3)))
                question.refused = question.refused or not self.stats.timed
            case _:
                given = {k: dice.sample(v, 1) for k, v in self.stats.attributes.items()}
        question.arguments[name] = given


def check(world: World, question: Question, seen: Counter[str]) -> None:
    """Ask a question twice and judge the answers; what it was is counted in ``seen``.

    Raises AssertionError where an answer is wrong, or whatever the recommender should not raise.
    """
    try:
        top = question.ask(world.rec)
    except InvalidInputError as error:
        refusal = error
    else:
        _judge(world, question, top)
        seen[f"{question.kind}: {top.fallback or 'kindred'}"] += 1
        return
    assert question.refused or isinstance(refusal, AmbiguousMovieError), refusal
    assert_one_line(refusal)
    seen[f"{question.kind}: {type(refusal).__name__}"] += 1


def _judge(world: World, question: Question, top: Recommendations) -> None:
    assert not question.refused, f"answered, and should have been refused: {top}"
    _judge_list(world, question, top)
    for row in top:
        _judge_row(world, question, top, row)
    _judge_stars(world, question, top)
    again = question.ask(world.rec, again=True)
    assert _told(again) == _told(top)


def _told(top: Recommendations) -> list[object]:
    rows = [(row.rank, row.movie, row.score, row.supporters, row.because) for row in top]
    return [top.fallback, top.neighbours, rows]


def _judge_list(world: World, question: Question, top: Recommendations) -> None:
    assert len(top) <= question.arguments.get("limit", 10)
    assert [row.rank for row in top] == list(range(1, len(top) + 1))
    order = [(-row.score, world.places[row.movie.movie_id]) for row in top]
    found = [row.movie.movie_id for row in top]
    if top.fallback is None:
        assert question.said
        assert 0 < top.neighbours <= 800
        assert order == sorted(order) or question.arguments.get("diversity")
    else:
        assert top.fallback == "popular"
        assert top.neighbours == 0
        scores = [row.score for row in top]
        assert scores == sorted(scores, reverse=True) or question.arguments.get("diversity")
    assert len(set(found)) == len(found)
    assert not question.said.keys() & set(found)
    assert not question.excluded & set(found)
    if not question.said or question.arguments.get("active_since") in FUTURE:
        assert top.fallback == "popular"


FUTURE = (datetime.date.max, "2100-01-01")


def _judge_row(world: World, question: Question, top: Recommendations, row: Recommendation) -> None:
    assert math.isfinite(row.score)
    assert row.score > 0
    assert row.movie == world.movies[world.places[row.movie.movie_id]]
    _judge_filters(question.arguments, row.movie)
    shares = [reason.share for reason in row.because]
    if top.fallback:
        assert not shares
        return
    assert max(1, math.ceil(0.01 * top.neighbours)) <= row.supporters <= top.neighbours
    assert all(map(math.isfinite, shares))
    assert abs(math.fsum(shares) - 1) <= 1e-6
    assert [abs(share) for share in shares] == sorted(map(abs, shares), reverse=True)
    reasons = [reason.movie.movie_id for reason in row.because]
    assert len(set(reasons)) == len(reasons)
    assert set(reasons) <= question.said.keys()


def _judge_filters(arguments: dict[str, Any], movie: Movie) -> None:
    genres = {genre.casefold() for genre in movie.genres}
    wanted = {genre.strip().casefold() for genre in arguments.get("genres", ())}
    assert not wanted or wanted & genres
    assert not genres & {one.strip().casefold() for one in arguments.get("exclude_genres", ())}
    assert not arguments.get("tags") or arguments["tags"] & set(movie.tags)
    assert movie.ratings >= (arguments.get("min_ratings") or 0)
    if (years := arguments.get("years")) is not None:
        assert movie.year is not None
        first, last = years
        assert first is None or first <= movie.year
        assert last is None or movie.year <= last
    title = arguments.get("title", "")
    texts = [title] if isinstance(title, str) else title
    assert any(folded(text) in folded(movie.title) for text in texts)


def _judge_stars(world: World, question: Question, top: Recommendations) -> None:
    """Look at predicted stars now and then: they take longer than all the rest."""
    if question.number % 100 or len(question.said) > 100:
        return
    low, high = map(float, world.stats.scale.split("-"))
    for row in top:
        stars = row.predicted_rating
        assert stars is None or low <= stars <= high
        assert stars is None or question.said


def rich_source(folder: Path, *, raters: int, seed: int) -> Path:
    """Write ratings by chance with all there can be: days, genres, tags, links and people."""
    dice = random.Random(seed)
    ratings = random_ratings(seed, raters=raters, movies=120, most=40)
    times = {
        (rater, movie): 86_400 * dice.randint(1, 90)
        for rater, rated in ratings.items()
        for movie in rated
    }
    genres = ("Drama", "Comedy", "Horror", "War", "Drama|War")
    titles: dict[Any, tuple[str, str]] = {
        movie: (f"Star Film {movie % 100} ({1940 + movie % 70})", dice.choice(genres))
        for movie in range(1, 121)
    }
    tags = "".join(f"{n % 9 + 1},{n % 50 + 1},tag {n % 7},9\n" for n in range(200))
    files = {
        "ratings.csv": ratings_text(ratings, times=times),
        "movies.csv": movies_text(titles),
        "links.csv": "movieId,imdbId,tmdbId\n"
        + "".join(f"{movie},{10_000 + movie},{movie * 3}\n" for movie in range(1, 121)),
        "tags.csv": "userId,movieId,tag,timestamp\n" + tags,
        "users.csv": "userId,age,occupation\n"
        + "".join(f"{rater},{20 + rater % 40},{rater % 3}\n" for rater in range(1, raters + 1)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
