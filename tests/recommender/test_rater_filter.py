"""Which raters are asked, and which of their votes count: hand-made raters with days and ages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest import ingest
from recommender import InvalidInputError, RaterFilter, Recommender
from recommender.storage.rater_conditions import RaterCondition
from tests.recommender.storage.stores import manifest
from tests.support import (
    FILMS,
    THREE_RATERS,
    build_index,
    likes,
    movies_text,
    open_ranked,
    open_votes,
    ratings_text,
)

ALL = likes(1, 2, 3)
DAY = 86_400
# Rater 1 rated from 2 to 6 January 1970, rater 2 from the 12th to the 16th, rater 3 from the 22nd.
TIMES = {
    (rater, movie): DAY * (10 * (rater - 1) + place + 1)
    for rater, rated in THREE_RATERS.items()
    for place, movie in enumerate(rated)
}
USERS = (
    "userId,age,occupation\n1,30,cook\n2,31,smith\n3,60,smith\n"
    "11,30,cook\n12,60,cook\n13,17,smith\n14,17,tailor\n"
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the hand-worked world with days, ages and jobs."""
    folder = tmp_path_factory.mktemp("people")
    (folder / "ratings.csv").write_text(ratings_text(THREE_RATERS, times=TIMES), encoding="utf-8")
    (folder / "movies.csv").write_text(movies_text(FILMS), encoding="utf-8")
    (folder / "users.csv").write_text(USERS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.sources.users._MIN_SHARED", 1)  # there are three stored raters
        ingest(str(folder), index=folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def rec(index: Path) -> Iterator[Recommender]:
    """Open it."""
    with Recommender.open(index) as opened:
        yield opened


@pytest.mark.parametrize(
    ("arguments", "neighbours", "expected"),
    [
        ({}, 3, [4, 5, 6, 7, 8, 9]),
        ({"active_since": "1970-01-06"}, 3, [4, 5, 6, 7, 8, 9]),
        ({"active_since": date(1970, 1, 7)}, 2, [5, 6, 7, 8, 9]),
        ({"active_since": "1970-01-17"}, 1, [6, 7, 8, 9]),
        ({"attributes": {"age": "25-34"}}, 2, [4, 5, 6, 7]),
        ({"attributes": {"Age": ["25-34 ", "56+"]}}, 3, [4, 5, 6, 7, 8, 9]),
        ({"attributes": {"age": "25-34", "occupation": "SMITH"}}, 1, [5, 6, 7]),
        ({"attributes": {"age": []}}, 3, [4, 5, 6, 7, 8, 9]),
        ({"attributes": {"occupation": "smith"}, "active_since": "1970-01-17"}, 1, [6, 7, 8, 9]),
        # Rater 1 rated movie 4 on 5 January and movie 5 on the 6th.
        ({"votes_since": "1970-01-05"}, 3, [4, 5, 6, 7, 8, 9]),
        ({"votes_since": "1970-01-06"}, 3, [5, 6, 7, 8, 9]),
        # Who has nothing to say any more is no voter.
        ({"votes_since": "1970-01-15"}, 2, [6, 7, 8, 9]),
        ({"votes_since": "1900-01-01"}, 3, [4, 5, 6, 7, 8, 9]),
    ],
)
def test_attributes_and_days_narrow_who_votes(
    rec: Recommender, arguments: dict[str, Any], neighbours: int, expected: list[int]
) -> None:
    """Neighbours by their last rating and attributes, votes by their own day."""
    top = rec.recommend(ALL, raters=RaterFilter(**arguments))
    assert (top.fallback, top.neighbours) == (None, neighbours)
    assert sorted(int(row.movie.movie_id) for row in top) == expected
    for row in top:
        assert sum(reason.share for reason in row.because) == pytest.approx(1)


def test_an_old_vote_counts_neither_for_the_score_nor_for_supporters_and_shares(
    index: Path,
) -> None:
    """Raters 1 and 2 like movie 5; after 7 January only rater 2 does, who shares 1 and 2 only."""
    with open_votes(index) as rec:
        whole, young = (
            {
                row.movie.movie_id: row
                for row in rec.recommend(ALL, raters=RaterFilter(votes_since=day))
            }[5]
            for day in (None, "1970-01-07")
        )
        assert (whole.supporters, young.supporters) == (2, 1)
        # Similarities stand as 3 : 2; alone, rater 2 has the largest weight.
        second = (2 / 3) ** (5.6 / 3)
        assert young.score / whole.score == pytest.approx(1 / (1 + second))
        assert [reason.movie.movie_id for reason in whole.because] == [1, 2, 3]
        assert [reason.movie.movie_id for reason in young.because] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "together", "chance"),
    [
        # Raters 1 and 2 rated 5, of three, two and one who rated 1, 2 and 3.
        ({}, 5 / 3, 2 * (6 / 3) / 3),
        # Raters 2 and 3: one of them rated 5, and two, one and none rated 1, 2 and 3.
        ({"active_since": "1970-01-07"}, 2 / 3, 1 * (3 / 3) / 2),
        # Raters 1 and 2: both rated 5, and two, two and one rated 1, 2 and 3.
        ({"attributes": {"age": "25-34"}}, 5 / 3, 2 * (5 / 3) / 2),
        # Of rater 1 only the rating of 5 is left, who is still one of three.
        ({"votes_since": "1970-01-06"}, 2 / 3, 2 * (3 / 3) / 3),
    ],
)
def test_only_raters_and_ratings_that_count_tell_what_is_rated_together(
    index: Path, arguments: dict[str, Any], together: float, chance: float
) -> None:
    """The lift of movie 5 for someone who likes 1, 2 and 3, with genres as good as off."""
    with open_ranked(index, lift_shrinkage=1e-9) as rec:
        found = rec.explain(ALL, 5, raters=RaterFilter(**arguments))
    assert found.lift == pytest.approx(together / chance)


def test_what_a_stored_rater_who_asks_rated_together_does_not_count(index: Path) -> None:
    """Rater 1 likes 1 to 5; of the other two one rated 8, and of 1 to 5 two, one, 0, 0 and one."""
    with open_ranked(index, lift_shrinkage=1e-9) as rec:
        stored, same = rec.profile_of(1), likes(1, 2, 3, 4, 5)
        assert rec.explain(stored, 8).lift == pytest.approx((1 / 5) / (1 * (4 / 5) / 2))
        # Somebody else who says the same: there are three raters, who rated 3, 2, 1, 1 and 2.
        assert rec.explain(same, 8).lift == pytest.approx((1 / 5) / (1 * (9 / 5) / 3))


@pytest.mark.parametrize(
    "arguments",
    [
        {"active_since": "1980-01-01"},
        {"votes_since": "1980-01-01"},
        {"attributes": {"age": "25-34"}, "active_since": "1970-01-17"},
    ],
)
def test_where_nobody_remains_there_is_what_most_people_like(
    rec: Recommender, arguments: dict[str, Any]
) -> None:
    """Labelled as such."""
    assert rec.recommend(ALL, raters=RaterFilter(**arguments)).fallback == "popular"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"active_since": "yesterday"}, "active_since is 'yesterday': give a day"),
    ({"active_since": 1999}, "active_since is 1999"),
    ({"votes_since": "1999-02-30"}, "votes_since is '1999-02-30'"),
    ({"attributes": {"aeg": "25-34"}}, "no attribute 'aeg': there are age, occupation"),
    ({"attributes": {"age": "25"}}, r"no rater has age '25': there are 25-34, 56\+"),
    ({"attributes": {"age": 25}}, r"no rater has age '25': there are 25-34, 56\+"),
    ({"attributes": {"occupation": ["smith", 5]}}, "no rater has occupation '5': there are cook"),
    ({"attributes": {"occupation": None}}, "no rater has occupation 'None': there are cook, smith"),
    ({"attributes": "age"}, "attributes is 'age': give a mapping"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[str(case[0]) for case in BAD])
def test_what_cannot_be_asked_of_raters_is_refused(
    rec: Recommender, arguments: dict[str, Any], words: str
) -> None:
    """For an empty profile too."""
    for profile in (ALL, {}):
        with pytest.raises(InvalidInputError, match=words):
            rec.recommend(profile, raters=RaterFilter(**arguments))


def test_a_source_without_times_or_attributes_says_so(tmp_path: Path) -> None:
    """Rather than answer as if nothing had been asked."""
    with Recommender.open(build_index(tmp_path, THREE_RATERS)) as plain:
        for argument in ("active_since", "votes_since"):
            asked: dict[str, Any] = {argument: "1999-01-01"}
            with pytest.raises(InvalidInputError, match=rf"{argument} is 1999-01-01, .*no times"):
                plain.recommend(ALL, raters=RaterFilter(**asked))
        with pytest.raises(InvalidInputError, match="source of this index tells none"):
            plain.recommend(ALL, raters=RaterFilter(attributes={"age": "25-34"}))
        assert (plain.stats().attributes, plain.stats().newest) == ({}, None)


def test_stats_name_the_attributes_of_those_who_can_be_neighbours(rec: Recommender) -> None:
    """Only thin raters are under 18 or tailors."""
    known = {"age": ("25-34", "56+"), "occupation": ("cook", "smith")}
    assert rec.stats().attributes == known
    assert rec.stats().newest == 1970


def test_a_condition_is_read_in_the_terms_of_the_index() -> None:
    """Values in all spellings of the index, numbers as text; nothing asked is no condition."""
    known = manifest(timed=True, attributes={"job": ("Cook", "Smith")})
    asked = RaterFilter("1970-01-03", attributes={" JOB": ["smith", "COOK", "Smith"]})
    assert asked.condition(known) == RaterCondition(2, (("is_job", ("Cook", "Smith")),))
    cased = manifest(attributes={"job": ("Writer", "cook", "writer")})
    asked = RaterFilter(attributes={"job": "WRITER"})
    assert asked.condition(cased) == RaterCondition(None, (("is_job", ("Writer", "writer")),))
    numbers = manifest(attributes={"age": ("18", "25")})
    asked = RaterFilter(attributes={"age": 25})
    assert asked.condition(numbers) == RaterCondition(None, (("is_age", ("25",)),))
    assert RaterFilter().condition(known) is None
    assert RaterFilter(votes_since=date(1969, 12, 31)).first_vote(known) == -1


def test_days_beyond_what_can_be_stored_are_one_day_to_either_condition(tmp_path: Path) -> None:
    """All three raters rated in the year 2500, which is stored as 6 June 2149."""
    late = dict.fromkeys(TIMES, 193_500 * DAY)
    path = tmp_path / "ratings.csv"
    path.write_text(ratings_text(THREE_RATERS, times=late), encoding="utf-8")
    ingest(str(path), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as made:
        for argument in ("active_since", "votes_since"):
            for day, fallback in (("2149-06-06", None), ("2149-06-07", "popular")):
                asked: dict[str, Any] = {argument: day}
                top = made.recommend(ALL, raters=RaterFilter(**asked))
                assert top.fallback == fallback


@pytest.mark.parametrize(
    "arguments",
    [
        {"active_since": "1970-01-07"},
        {"votes_since": "1970-01-06"},
        {"attributes": {"age": "25-34"}},
    ],
)
def test_a_narrowed_list_is_explained_by_the_same_people(
    rec: Recommender, arguments: dict[str, Any]
) -> None:
    """Score, supporters and neighbours are those of the list for the same arguments."""
    top = rec.recommend(ALL, raters=RaterFilter(**arguments))
    assert top.neighbours == len(rec.neighbours(ALL, raters=RaterFilter(**arguments)))
    for row in top:
        found = rec.explain(ALL, row.movie.movie_id, raters=RaterFilter(**arguments))
        assert found.score == pytest.approx(row.score)
        assert (found.supporters, found.neighbours) == (row.supporters, top.neighbours)
