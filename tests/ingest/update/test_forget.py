"""People who are forgotten: gone from every answer, from the version before, and from the disk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import append, forget, ingest
from recommender import (
    IndexNotFoundError,
    IndexProblem,
    InvalidInputError,
    Recommender,
    UnknownUserError,
)
from recommender.storage.edge import EdgeStore
from recommender.storage.edge.files import replace_pointer
from recommender.storage.index import IndexStore
from tests.ingest.contents import contents, everything
from tests.recommender.storage.engines import CONTRACT, ENGINES, memory
from tests.support import (
    FILMS,
    THREE_RATERS,
    Ratings,
    assert_one_line,
    likes,
    random_ratings,
    write_source,
)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.storage.server.writer.INTERVAL", 0.3)


on_every_engine = pytest.mark.parametrize("store", ENGINES, indirect=True)


@pytest.fixture(params=CONTRACT)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexStore]:
    """Give an index of the small world that tests work out by hand, made twice."""
    with ENGINES[request.param](tmp_path) as place:
        source = str(write_source(tmp_path / "whole", THREE_RATERS, FILMS))
        ingest(source, index=place)
        ingest(source, index=place)
        yield place


@pytest.fixture(scope="module", params=CONTRACT)
def unchanged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IndexStore]:
    """Give an index of that world to tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("unchanged")
    with ENGINES[request.param](folder) as place:
        ingest(str(write_source(folder / "whole", THREE_RATERS, FILMS)), index=place)
        yield place


@on_every_engine
def test_who_is_forgotten_is_gone_from_every_answer(store: IndexStore) -> None:
    """Their votes, what was counted of them, and their place in movies' vectors."""
    with Recommender(store) as rec:
        report = forget([1, "11"], index=store)
        assert (report.users, report.ratings) == (2, 9)
        assert {rater.user_id for rater in rec.neighbours(likes(1, 2, 3))} == {2, 3}
        for user in (1, 11):
            with pytest.raises(UnknownUserError):
                rec.profile_of(user)
        assert [rec.movie(movie).ratings for movie in (1, 2, 3, 4)] == [2, 1, 1, 1]
        assert (rec.movie(2).mean, rec.movie(3).mean) == (5, 4)
        stats = rec.stats()
        assert (stats.ratings, stats.users, stats.raters, stats.movies) == (18, 5, 2, 9)
        found = contents(store)
        assert not {1, 11} & set().union(*(movie.raters for movie in found.movies.values()))
        assert set(found.raters) == {2, 3, 12, 13, 14}


def test_no_version_from_before_is_kept(store: IndexStore) -> None:
    """Nothing can be rolled back to; the next ingest can be rolled back to this one."""
    forget([2], index=store)
    with pytest.raises(IndexProblem, match="no version before"):
        store.rollback()


def test_a_number_is_not_given_again(store: IndexStore, tmp_path: Path) -> None:
    """Whoever comes after a forgotten person takes no old place in a movie's vector."""
    with closing(store.open()) as index:
        before = index.manifest.maintenance.next_user
    forget([14], index=store)
    newcomer: Ratings = {15: {1: 5, 8: 3}}
    append(str(write_source(tmp_path / "more", newcomer)), index=store)
    with closing(store.open()) as index:
        rater = index.rater(15)
        assert rater is not None
        assert rater.number == before
    assert contents(store).movies[8].raters == {3, 13, 15}


@pytest.mark.parametrize(
    ("users", "named"),
    [
        ([1, 99], "'99'"),
        (["ann"], "'ann'"),
        ([[1]], "'[^ ]*1.'"),
        ([True], "'True'"),
        ([99], "'99'"),
    ],
)
def test_nobody_is_forgotten_where_somebody_is_not_there(
    unchanged: IndexStore, users: list[Any], named: str
) -> None:
    """The message names them; the index is as it was."""
    before = everything(unchanged)
    with pytest.raises(UnknownUserError, match=f"has the id {named}") as refused:
        forget(users, index=unchanged)
    assert_one_line(refused.value)
    assert everything(unchanged) == before


@pytest.mark.parametrize("users", [[], "1", b"1", 5, None])
def test_people_come_as_a_list(users: Any, tmp_path: Path) -> None:
    """One text is not taken for a list of letters, nor one id for a list."""
    with pytest.raises(InvalidInputError, match="give a list"):
        forget(users, index=tmp_path)
    with pytest.raises(IndexNotFoundError):
        forget([1], index=tmp_path)


def test_everybody_can_be_forgotten(store: IndexStore) -> None:
    """The movies are left, and nobody who likes them; people may come again."""
    forget(list(THREE_RATERS), index=store)
    with Recommender(store) as rec:
        assert (rec.stats().ratings, rec.stats().users, rec.stats().raters) == (0, 0, 0)
        assert len(rec.recommend(likes(1))) == 0
        assert (rec.movie("Brazil").ratings, rec.movie("Brazil").mean) == (0, None)


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6), users=st.sets(st.integers(1, 12), min_size=1, max_size=11))
def test_what_is_left_is_what_a_full_ingest_of_the_others_makes(
    tmp_path_factory: pytest.TempPathFactory, seed: int, users: set[int]
) -> None:
    """Of people and counts; movies that nobody rates any more stay in the catalogue."""
    folder = tmp_path_factory.mktemp("forget")
    whole = random_ratings(seed, raters=12, movies=15)
    others = {user: rated for user, rated in whole.items() if user not in users}
    titles = {movie: (f"Film {movie}", "") for movie in range(1, 16)}
    with memory() as one, memory() as two:
        ingest(str(write_source(folder / "one", whole, titles)), index=one)
        forget(list(users), index=one)
        ingest(str(write_source(folder / "two", others, titles)), index=two)
        if len({stars for rated in others.values() for stars in rated.values()}) < 2:
            return  # an ingest reads ratings that are all alike as likes without stars
        assert contents(one) == contents(two)


def _holding(folder: Path, *needles: bytes) -> set[str]:
    """Files that hold one of these; they are mostly zeros."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            data = re.sub(rb"\0{64,}", b"\0", path.read_bytes())
            found |= {str(path)} if any(needle in data for needle in needles) else set()
    return found


@pytest.mark.slow
def test_nothing_of_the_forgotten_stays_on_the_disk(tmp_path: Path) -> None:
    """Neither their id nor their ratings, however often their points were written before."""
    index = tmp_path / "index"
    ratings: Ratings = {
        f"person-{user}-{'abcdefgh'[user % 8] * 9}": rated
        for user, rated in random_ratings(5, raters=40, movies=900, most=300).items()
    }
    doomed = list(ratings)[7]
    ingest(str(write_source(tmp_path / "a", ratings)), index=index)
    append(str(write_source(tmp_path / "b", {doomed: {9: 2, 500: 5}})), index=index)
    append(str(write_source(tmp_path / "c", {doomed: {9: 5, 501: 1}})), index=index)
    texts = set[str]()
    for version in (index / "versions").iterdir():
        replace_pointer(index, version.name)
        with closing(EdgeStore(index).open()) as opened:
            (payload,) = opened.user_points.find("user_id", [doomed]).values()
            texts.add(payload["ratings"])
    # Payloads are compressed: of a text there is no piece that cannot be found, but some can.
    pieces = [text[at : at + 16].encode() for text in texts for at in range(len(text) - 16)]
    assert len(texts) == 2
    assert _holding(index, doomed.encode())
    assert _holding(index, *pieces)
    forget([doomed], index=index)
    assert not _holding(index, doomed.encode())
    assert not _holding(index, *pieces)
    assert len(list((index / "versions").iterdir())) == 1
    with Recommender.open(index) as rec:
        assert rec.stats().users == 39
        assert rec.profile_of(next(iter(ratings))).user_id == next(iter(ratings))


def test_a_version_that_a_killed_run_left_behind_goes_with_the_next(tmp_path: Path) -> None:
    """Between the switch and the last deletion; even where nobody is left to forget."""
    index = tmp_path / "index"
    ingest(str(write_source(tmp_path / "a", THREE_RATERS)), index=index)
    shutil.copytree(index / "versions" / "000001", tmp_path / "before")
    assert forget([1], index=index).version == "000002"
    shutil.copytree(tmp_path / "before", index / "versions" / "000001")
    with pytest.raises(UnknownUserError):
        forget([1], index=index)
    assert [entry.name for entry in (index / "versions").iterdir()] == ["000002"]


def test_nobody_comes_back_where_a_forget_was_killed_at_its_last_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rollback refuses, and deletes the version that still has them."""
    index = tmp_path / "index"
    source = str(write_source(tmp_path / "a", THREE_RATERS))
    for _ in range(2):
        ingest(source, index=index)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("recommender.storage.edge.files.prune", killed)
        with pytest.raises(KeyboardInterrupt):
            forget([3], index=index)
    assert (index / "versions" / "000002").is_dir()
    with pytest.raises(IndexProblem, match="no version before 000003"):
        EdgeStore(index).rollback()
    assert [entry.name for entry in (index / "versions").iterdir()] == ["000003"]


@pytest.mark.parametrize("held", ["shutil.rmtree", "pathlib.Path.rename"])
def test_a_version_before_that_cannot_be_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    """As where another process has it open on Windows; the next run tries again."""
    index = tmp_path / "index"
    ingest(str(write_source(tmp_path / "a", THREE_RATERS)), index=index)
    rename = Path.rename

    def refuse(path: Path, *args: Any, **_: Any) -> Any:
        if "000001" in path.name and held.endswith("rename"):
            raise PermissionError
        return rename(path, *args) if args else None

    with monkeypatch.context() as patch:
        patch.setattr(held, refuse)
        for again in (3, 2):
            with pytest.raises(IndexProblem, match=r"000001.* cannot be deleted") as caught:
                forget([again], index=index)
            assert_one_line(caught.value)
    with Recommender.open(index) as rec:
        assert rec.stats().users == 6
    assert forget([2], index=index).users == 1
    assert [entry.name for entry in (index / "versions").iterdir()] == ["000003"]
