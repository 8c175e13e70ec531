"""What a person may say of movies, and which movie each name means."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import (
    AmbiguousMovieError,
    InvalidInputError,
    Movie,
    MovieFilter,
    MovieKey,
    Profile,
    Recommender,
    UnknownMovieError,
    UnknownUserError,
)
from recommender.settings import Ranking
from tests.hostile import JSON, altered
from tests.support import (
    FILMS,
    THREE_RATERS,
    Id,
    Ratings,
    assert_one_line,
    build_index,
    likes,
    open_votes,
)

LINKS = "movieId,imdbId,tmdbId\n1,0133093,603\n2,0078748,348\n3,0088846,\n4,,949\n6,54215,539.0\n"


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the hand-worked world with titles and links."""
    path = build_index(tmp_path_factory.mktemp("films"), THREE_RATERS, FILMS, links=LINKS)
    with Recommender.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the same world with text ids, one of which looks like a title of another."""
    name: dict[Any, str] = {movie: f"m{movie}" for movie in range(1, 10)} | {9: "Alien"}
    ratings = {
        f"u{user}": {name[movie]: stars for movie, stars in rated.items()}
        for user, rated in THREE_RATERS.items()
    }
    titles = {name[movie]: film for movie, film in FILMS.items()}
    with Recommender.open(build_index(tmp_path_factory.mktemp("text"), ratings, titles)) as opened:
        yield opened


# Opinions


@pytest.mark.parametrize("opinion", [1, 0, -1, 1.0, -1.0, np.int64(1), np.float32(0), Fraction(1)])
def test_an_opinion_is_a_like_seen_or_a_dislike(opinion: Any) -> None:
    """Whatever type of number says it."""
    assert len(Profile({1: opinion})) == 1


@pytest.mark.parametrize("opinion", [2, 0.5, 4.5, -2, math.nan, math.inf, "1", None, [1], 1j])
def test_anything_else_is_refused_with_the_movie_and_the_value(opinion: Any) -> None:
    """And with what to give instead; stars are pointed to from_stars."""
    with pytest.raises(InvalidInputError, match=r"of movie 2571 is .*Profile\.from_stars"):
        Profile({2571: opinion})


@pytest.mark.parametrize("opinions", [[1, 2], {1, 2}, "2571", 7, None])
def test_what_is_no_mapping_is_refused(rec: Recommender, opinions: Any) -> None:
    """In a profile as in a question."""
    with pytest.raises(InvalidInputError, match="mapping"):
        Profile(opinions)
    with pytest.raises(InvalidInputError, match="mapping"):
        rec.recommend(opinions)
    with pytest.raises(InvalidInputError, match="mapping"):
        Profile.from_stars(opinions)


@pytest.mark.parametrize("stars", [math.nan, math.inf, "4", None, True])
def test_stars_are_finite_numbers(stars: Any) -> None:
    """The movie and the value are named."""
    with pytest.raises(InvalidInputError, match="movie 7 is rated"):
        Profile.from_stars({7: stars})


@pytest.mark.parametrize("scale", [(5, 1), (1, 1), (1,), (1, 2, 3), "1:5", 5, (math.nan, 5)])
def test_a_scale_that_is_none_is_refused(scale: Any) -> None:
    """With what to give instead."""
    with pytest.raises(InvalidInputError, match="is not a scale"):
        Profile.from_stars({1: 4}, scale=scale)


@pytest.mark.parametrize(
    ("stars", "scale", "match"),
    [
        ({1: math.nan}, None, "movie 1 is rated nan"),
        ({1: 4}, (5, 1), "is not a scale"),
        ([4], None, "mapping"),
    ],
)
def test_stars_beside_opinions_that_cannot_be_are_refused(
    stars: Any, scale: Any, match: str
) -> None:
    """No number, no scale, no mapping."""
    with pytest.raises(InvalidInputError, match=match):
        Profile({1: 1}, stars=stars, scale=scale)


def test_a_profile_cannot_change() -> None:
    """Neither by itself nor by the dictionary it was made of."""
    given: dict[MovieKey, float] = {1: 1, 2: -1}
    beside: dict[MovieKey, float] = {1: 4}
    for profile in (Profile(given, stars=beside), Profile.from_stars(given)):
        given[3] = beside[2] = 1
        assert (profile.opinions, profile.stars) in (
            ({1: 1, 2: -1}, {1: 4}),
            ({}, {1: 1, 2: -1}),
        )
        with pytest.raises(TypeError):
            profile.opinions[1] = 0  # type: ignore[index]
        with pytest.raises(FrozenInstanceError):
            profile.opinions = {}  # type: ignore[misc]
        del given[3], beside[2]


def test_a_profile_in_words() -> None:
    """How many movies, and whose."""
    assert repr(Profile({1: 1})) == "Profile(1 movies)"
    assert repr(Profile({1: 1}, user_id="ann")) == "Profile(1 movies of user 'ann')"


# Stars become opinions


def ranked(rec: Recommender, profile: Profile | dict[MovieKey, float]) -> list[tuple[Id, float]]:
    """Return ids and scores of a ranking."""
    return [(row.movie.movie_id, row.score) for row in rec.recommend(profile)]


@pytest.mark.parametrize(
    ("stars", "scale", "opinion"),
    [
        # The index is on 1-5 (its ratings are 4 and 5 only).
        (5, None, 1),
        (4, None, 1),
        (3.5, None, 0),
        (3, None, 0),
        (2.5, None, -1),
        (1, None, -1),
        (8, (0, 10), 1),
        (7.5, (0, 10), 0),
        (5, (0, 10), -1),
        (5, (1, 10), -1),
        (79, (0, 100), 0),
        (80, (0, 100), 1),
        (6, (-10, 10), 1),
        (0, (-10, 10), -1),
        (4, (0.5, 5), 1),
    ],
)
def test_stars_answer_like_the_opinion_they_are(
    rec: Recommender, stars: float, scale: tuple[float, float] | None, opinion: int
) -> None:
    """On the scale of the index, or on the person's own."""
    profile = Profile.from_stars({1: 5, 9: stars}, scale=scale) if scale is None else None
    if profile is None:
        top = 100 if scale == (0, 100) else (10 if scale != (0.5, 5) else 5)
        profile = Profile.from_stars({1: top, 9: stars}, scale=scale)
    assert ranked(rec, profile) == ranked(rec, {1: 1, 9: opinion})


@pytest.mark.parametrize(
    ("stars", "scale"), [(6, None), (0.5, None), (0, None), (11, (0, 10)), (-1, (0, 10))]
)
def test_stars_off_the_scale_are_found_at_question_time(
    rec: Recommender, stars: float, scale: tuple[float, float] | None
) -> None:
    """The message names movie, stars and scale."""
    profile = Profile.from_stars({2: stars}, scale=scale)
    with pytest.raises(InvalidInputError, match=r"movie 2 is rated .* not on the scale"):
        rec.recommend(profile)


def test_what_is_recommended_goes_by_the_opinion_and_not_by_the_stars_beside(
    rec: Recommender,
) -> None:
    """One star of ten, and liked all the same; they must lie on their scale nevertheless."""
    said = Profile({1: 1, 9: -1}, stars={1: 1}, scale=(1, 10))
    assert ranked(rec, said) == ranked(rec, {1: 1, 9: -1})
    with pytest.raises(InvalidInputError, match=r"movie 1 is rated 11, which is not on the scale"):
        rec.recommend(Profile({1: 1}, stars={1: 11}, scale=(1, 10)))


def test_an_index_of_likes_asks_for_the_scale_of_stars(tmp_path: Path) -> None:
    """It has none of its own to lend."""
    ratings: Ratings = {user: dict.fromkeys(rated, 1.0) for user, rated in THREE_RATERS.items()}
    with Recommender.open(build_index(tmp_path, ratings)) as rec:
        with pytest.raises(InvalidInputError, match=r"scale=\(0\.5, 5\)"):
            rec.recommend(Profile.from_stars({1: 5}))
        stars = Profile.from_stars({1: 5, 9: 2}, scale=(0.5, 5))
        assert ranked(rec, stars) == ranked(rec, {1: 1, 9: -1})
        beside = Profile({1: 1, 9: -1}, stars={1: 5}, scale=(0.5, 5))
        assert ranked(rec, beside) == ranked(rec, {1: 1, 9: -1})
    with open_votes(tmp_path / "index") as rec:
        assert_without_rater_1(ranked(rec, rec.profile_of(1)))


def assert_without_rater_1(rows: list[tuple[Id, float]]) -> None:
    """Rater 1 likes 1 to 5. Rater 2 shares 1, 2, 5 and rater 3 shares 1: a third of that."""
    assert [movie for movie, _ in rows] == [6, 7, 8, 9]
    votes = [score * (3 + 20) ** Ranking().discount(5, 0.5) for _, score in rows]
    less = (1 / 3) ** Ranking().amplification(5)
    assert votes == pytest.approx([1 + less, 1 + less, less, less])


# Names of movies


@pytest.mark.parametrize(
    ("key", "movie_id"),
    [
        (1, 1),
        ("1", 1),
        (" 1 ", 1),
        ("id:1", 1),
        ("+1", 1),
        ("imdb:tt0133093", 1),
        ("imdb:133093", 1),
        ("IMDB:0133093", 1),
        ("imdb:tt0054215", 6),
        ("tmdb:603", 1),
        ("tmdb: 348", 2),
        ("tmdb:539", 6),
        ("The Matrix", 1),
        ("the matrix", 1),
        ("Matrix, The", 1),
        ("The Matrix (1999)", 1),
        ("The Matrix 1999", 1),
        ("Matrix, The (1999)", 1),
        ("matrix", 1),
        ("Matrix (1998)", None),
        ("AMELIE", 5),
        ("Amélie (2001)", 5),
        ("Le Fabuleux destin d'Amélie Poulain", 5),
        ("Psycho (1998)", 7),
        ("Psycho 1960", 6),
        ("Eva", 9),
        ("id:The Matrix", None),
        ("id:99", None),
        ("tmdb:1", None),
        ("tmdb:matrix", None),
        ("tmdb:" + "9" * 5000, None),
        ("imdb:tt9999999", None),
        ("imdb:" + "9" * 5000, None),
        ("imdb:", None),
        (603, None),
        ("603", None),
        ("9" * 5000, None),
        (10**30, None),
        (-1, None),
        ("1.0", None),
        ("", None),
        ("  ", None),
        ("Matrx", None),
        ("The Matrix (2000)", None),
    ],
)
def test_a_name_means_one_movie_or_none(
    rec: Recommender, key: MovieKey, movie_id: int | None
) -> None:
    """An exact id first, then imdb:, tmdb:, then an exact title with or without its year."""
    if movie_id is None:
        with pytest.raises(UnknownMovieError):
            rec.movie(key)
    else:
        assert rec.movie(key).movie_id == movie_id


def test_many_ids_are_found_at_once_and_titles_are_not_looked_at(
    rec: Recommender, named: Recommender
) -> None:
    """In their order, with None for what is not there."""
    keys: list[int | str]
    keys = [1, "id:1", "imdb:tt0133093", "tmdb:348", 99, "id:99", "imdb:x", "The Matrix", True, ""]
    found = [movie and movie.movie_id for movie in rec.find(keys)]
    assert found == [1, 1, 1, 2, None, None, None, None, None, None]
    assert [movie and movie.movie_id for movie in named.find(["m1", 1, "Brazil"])] == [
        "m1",
        None,
        None,
    ]


@pytest.mark.parametrize("key", [True, False, None, 1.0, ("1",), b"1"])
def test_what_is_neither_int_nor_str_names_no_movie(rec: Recommender, key: Any) -> None:
    """A bool is no id either, though Python calls it an int."""
    with pytest.raises(UnknownMovieError, match="give an int or a str"):
        rec.movie(key)


@pytest.mark.parametrize(
    ("key", "movie_id"),
    [("m1", "m1"), ("id:m1", "m1"), ("Alien", "Alien"), ("Alien (1979)", "m2"), ("brazil", "m3")],
)
def test_text_ids_come_before_titles(named: Recommender, key: str, movie_id: str) -> None:
    """Movie 2 is titled Alien, but another has that id."""
    assert named.movie(key).movie_id == movie_id


@pytest.mark.parametrize("key", ["M1", 1, "id:Brazil", "id:alien"])
def test_text_ids_are_exact(named: Recommender, key: MovieKey) -> None:
    """Case counts, and a number is not its text with a letter before."""
    with pytest.raises(UnknownMovieError):
        named.movie(key)


def test_an_ambiguous_title_names_the_ids_to_choose_from(rec: Recommender) -> None:
    """Two films are titled Psycho."""
    with pytest.raises(
        AmbiguousMovieError, match=r"'Psycho'.*id:6 \(Psycho \(1960\)\), id:7 \(Psycho \(1998\)\)"
    ):
        rec.recommend(likes("Psycho"))


def test_an_unknown_title_suggests_what_is_close(rec: Recommender) -> None:
    """With id, and cut where the text is long."""
    with pytest.raises(UnknownMovieError, match=r"did you mean The Matrix \(1999\), id 1"):
        rec.movie("The Matrxi")
    with pytest.raises(UnknownMovieError, match="kindred search"):
        rec.movie("qqqqqq")
    with pytest.raises(UnknownMovieError) as caught:
        rec.movie("x" * 10_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("opinions", "words"),
    [
        ({1: 1, "tmdb:603": -1}, "1 and 'tmdb:603' .* The Matrix .*liked and disliked"),
        ({"The Matrix": 0, "id:1": 1}, "seen and liked"),
    ],
)
def test_two_names_of_one_movie_with_different_opinions_are_refused(
    rec: Recommender, opinions: dict[MovieKey, float], words: str
) -> None:
    """Both names, the movie and both opinions are named."""
    with pytest.raises(InvalidInputError, match=words):
        rec.recommend(opinions)


def test_two_names_of_one_movie_with_the_same_opinion_are_one(rec: Recommender) -> None:
    """Saying it twice counts once."""
    assert ranked(rec, {1: 1, "tmdb:603": 1, "The Matrix": 1}) == ranked(rec, {1: 1})


def test_the_order_of_a_profile_does_not_matter(rec: Recommender) -> None:
    """The same opinions are the same question."""
    assert ranked(rec, {1: 1, 9: -1, 2: 0}) == ranked(rec, {2: 0, 1: 1, 9: -1})


# Stored raters


def test_the_profile_of_a_rater_holds_their_stars(rec: Recommender) -> None:
    """Under ids that no title can be mistaken for."""
    profile = rec.profile_of(3)
    assert profile.stars == {"id:1": 4, "id:6": 4, "id:7": 5, "id:8": 5, "id:9": 4}
    assert profile.opinions == {}
    assert (profile.user_id, repr(profile)) == (3, "Profile(5 movies of user 3)")


def test_a_rater_asking_is_not_their_own_neighbour(tmp_path: Path) -> None:
    """Rater 1 has raters 2 and 3 as kin, and gets what they like."""
    with open_votes(build_index(tmp_path, THREE_RATERS)) as rec:
        profile = rec.profile_of(1)
        assert rec.recommend(profile).neighbours == 2
        assert_without_rater_1(ranked(rec, profile))


@pytest.mark.parametrize("user", ["1", " 1 "])
def test_a_number_given_as_text_finds_the_rater(rec: Recommender, user: str) -> None:
    """As a command line gives it."""
    assert rec.profile_of(user).user_id == 1


@pytest.mark.parametrize(
    "user", [99, "ann", "", 10**30, -(10**30), "9" * 5000, True, 1.5, None, "1.0"]
)
def test_an_unknown_user_is_refused(rec: Recommender, user: Any) -> None:
    """Nobody has that id, or nobody could have it."""
    with pytest.raises(UnknownUserError, match="nobody in this index has the id"):
        rec.profile_of(user)


def test_a_user_with_few_ratings_can_be_asked_for_and_is_nobodys_neighbour(
    rec: Recommender,
) -> None:
    """User 11 has four ratings, all shared with rater 1, and is not among who is kindred."""
    own = rec.profile_of(11)
    assert own.stars == {"id:2": 5, "id:3": 5, "id:4": 4, "id:5": 5}
    assert {rater.user_id for rater in rec.neighbours(own)} == {1, 2}


def test_raters_with_text_ids(rec: Recommender, named: Recommender) -> None:
    """The same answers under other names."""
    profile = named.profile_of("u1")
    assert profile.user_id == "u1"
    top = ranked(named, profile)
    assert [movie for movie, _ in top] == ["m6", "m7", "m8", "Alien"]
    scores = [score for _, score in ranked(rec, rec.profile_of(1))]
    assert [score for _, score in top] == pytest.approx(scores)
    with pytest.raises(UnknownUserError):
        named.profile_of(1)


@pytest.mark.parametrize("value", [10**400, -(10**400)])
def test_numbers_beyond_any_float_are_refused(value: int) -> None:
    """They would end in an OverflowError."""
    with pytest.raises(InvalidInputError, match="the opinion of movie 1"):
        Profile({1: value})
    with pytest.raises(InvalidInputError, match="movie 1 is rated"):
        Profile.from_stars({1: value})


def test_ids_may_be_numpy_integers(rec: Recommender) -> None:
    """Such as those of a table made by ``to_frame``."""
    number: Any = np.int64(2)
    assert rec.movie(number).movie_id == 2
    assert len(rec.recommend({number: 1})) > 0
    assert len(rec.profile_of(number)) == 5


def test_an_endless_year_is_refused(rec: Recommender) -> None:
    """Infinity is no year."""
    years: Any = (math.inf, None)
    with pytest.raises(InvalidInputError, match="years is"):
        rec.recommend({1: 1}, movies=MovieFilter(years=years))


# One form for files, programs and other indexes

EVERYTHING = Profile(
    {1: 1, "imdb:tt0078748": -1},
    stars={1: 4.5, 3: 2},
    watchlist=(4,),
    hidden=("tmdb:603",),
    when={1: "2015-12-31"},
    scale=(0.5, 5),
    user_id="ann",
)


def test_a_profile_can_be_compared_pickled_and_not_changed() -> None:
    """A copy is equal, whatever order its movies come in, and anything else is not."""
    copy = pickle.loads(pickle.dumps(EVERYTHING))
    assert copy == EVERYTHING == replace(EVERYTHING, opinions={"imdb:tt0078748": -1, 1: 1})
    assert copy != replace(EVERYTHING, watchlist=())
    with pytest.raises(TypeError):
        copy.opinions[1] = -1


def test_a_profile_travels_as_a_document() -> None:
    """Through JSON and back; what is not known is left out of it."""
    document = json.loads(json.dumps(EVERYTHING.to_dict()))
    assert Profile.from_dict(document) == EVERYTHING
    assert Profile.from_dict(json.dumps(document)) == EVERYTHING
    assert Profile({7: 0}).to_dict() == {
        "kindred_taste": 1,
        "ratings": [{"movie_id": 7, "opinion": "seen"}],
        "watchlist": [],
        "hidden": [],
    }


def test_in_another_index_films_go_by_what_is_known_of_them_there() -> None:
    """Never by an id that may be another film's."""
    alien = Movie(7, "Alien", 1979, imdb_id="tt0078748")
    document = Profile({7: 1}, watchlist=(8,)).to_dict(
        {7: alien, 8: Movie(8, "Heat", 1995)}, source="ours"
    )
    assert Profile.from_dict(document, source="ours").films == (7, 8)
    assert Profile.from_dict(document, source="theirs").films == ("imdb:tt0078748", "Heat (1995)")
    with pytest.raises(InvalidInputError, match="film 7 of the profile has neither an IMDb"):
        Profile.from_dict(Profile({7: 1}).to_dict(source="ours"), source="theirs")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "not a profile as Kindred writes it"),
        ([], "not a profile as Kindred writes it"),
        ({"kindred_taste": 2}, "version 2, and this Kindred reads version 1"),
        ({"ratings": [{"movie_id": 1, "opinion": "love"}]}, r"ratings\.0\.opinion"),
        ({"ratings": [{"movie_id": 1, "stars": math.nan}]}, r"ratings\.0\.stars"),
        ({"watchlist": [{}] * 20_001}, "watchlist has more than 20,000 films"),
    ],
    ids=["empty", "list", "version", "opinion", "stars", "many"],
)
def test_what_is_no_document_is_refused_with_the_place(document: object, words: str) -> None:
    """In one line."""
    with pytest.raises(InvalidInputError, match=words):
        Profile.from_dict(document)


@given(JSON | altered(EVERYTHING.to_dict()), st.booleans())
def test_any_document_is_a_profile_or_refused(document: object, as_text: bool) -> None:
    """In one line; a profile there is has numbers that mean something, and travels on."""
    try:
        profile = Profile.from_dict(json.dumps(document) if as_text else document)
    except InvalidInputError as error:
        assert_one_line(error)
        return
    assert {*profile.opinions.values()} <= {1, 0, -1}
    assert all(map(math.isfinite, profile.stars.values()))
    assert Profile.from_dict(json.dumps(profile.to_dict())) == profile


@given(st.dictionaries(st.integers() | st.text(max_size=5), st.integers(-2, 2) | JSON, max_size=3))
def test_any_mapping_is_a_profile_or_refused(given: dict[int | str, Any]) -> None:
    """As opinions, as stars, and as both."""
    for make in (Profile, Profile.from_stars, lambda said: Profile(said, stars=said)):
        try:
            assert {*make(given).movies} == {*given}
        except InvalidInputError as error:
            assert_one_line(error)


@given(st.text(max_size=40) | st.from_regex(r"\A(id|imdb|tmdb): ?[t0-9]{1,25}\Z"))
def test_any_text_names_a_movie_or_is_refused(rec: Recommender, text: str) -> None:
    """In one line, wherever a movie or a part of a title is asked for."""
    questions = (rec.movie, lambda name: rec.recommend({name: 1}), rec.similar)
    for ask in (*questions, lambda part: rec.popular(movies=MovieFilter(title=part))):
        try:
            ask(text)
        except InvalidInputError as error:
            assert_one_line(error)


def test_a_table_of_ratings_is_a_profile() -> None:
    """The last row of a movie counts; a missing column is named with those there are."""
    frame = pd.DataFrame({"movie_id": [1, 2, 1], "rating": [4.0, 3.0, 2.5]})
    assert Profile.from_frame(frame) == Profile.from_stars({1: 2.5, 2: 3.0})
    with pytest.raises(InvalidInputError, match="no column 'stars': there are movie_id, rating"):
        Profile.from_frame(frame, stars="stars")
    with pytest.raises(InvalidInputError, match="movie 2 is rated nan"):
        Profile.from_frame(frame.replace({3.0: math.nan}))


def test_hidden_movies_are_never_recommended(rec: Recommender) -> None:
    """In lists, rows and starters, without being an opinion."""
    plain = rec.recommend({1: 1, 2: 1})
    first = plain[0].movie.movie_id
    person = Profile({1: 1, 2: 1}, hidden=(first,))
    shown = [row.movie.movie_id for row in rec.recommend(person, limit=100)]
    assert shown
    assert first not in shown
    assert first not in [movie.movie_id for movie in rec.starters(person)]
    rows = rec.rows(person)
    assert first not in [found.movie.movie_id for row in rows for found in row.movies]
    assert rec.recommend(person).neighbours == plain.neighbours


def test_ids_of_an_unknown_source_come_last() -> None:
    """A film known by IMDb goes by that; a number alone is taken for one of the index."""
    document = Profile({7: 1, 8: -1}).to_dict({7: Movie(7, "Alien", imdb_id="tt0078748")})
    assert Profile.from_dict(document, source="theirs").films == ("imdb:tt0078748", 8)
    assert Profile.from_dict(document).films == (7, 8)


def test_what_no_document_can_hold_is_refused_in_one_line() -> None:
    """Rather than with the words of whatever checks it."""
    with pytest.raises(InvalidInputError, match=r"ratings\.0\.tmdb_id"):
        Profile({"tmdb:six": 1}).to_dict()
    with pytest.raises(InvalidInputError, match="ratings has more than 20,000 films"):
        Profile(dict.fromkeys(range(20_001), 1)).to_dict()
