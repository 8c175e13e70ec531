"""Ratings that come later: what an append takes over, what it refuses, what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import Appended, append, ingest
from recommender import IndexBusyError, IndexNotFoundError, RaterFilter, Recommender, SourceError
from recommender.settings import Weighting
from recommender.storage.edge import EdgeStore
from recommender.storage.index import IndexStore
from tests.ingest.contents import contents, everything
from tests.recommender.storage.engines import CONTRACT, ENGINES, memory
from tests.support import FILMS, THREE_RATERS, Ratings, assert_one_line, likes, write_source

DAY = 86_400


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.storage.server.writer.INTERVAL", 0.3)


on_every_engine = pytest.mark.parametrize("store", ENGINES, indirect=True)


@pytest.fixture(params=CONTRACT)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexStore]:
    """Give an empty place."""
    with ENGINES[request.param](tmp_path) as place:
        yield place


def lines(path: Path, *rows: str, header: str = "user,movie,rating,timestamp") -> str:
    """Write a file of ratings; give its name."""
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def built(store: IndexStore, folder: Path, ratings: Ratings = THREE_RATERS) -> None:
    """Ingest a table without times."""
    ingest(str(write_source(folder / "whole", ratings, FILMS)), index=store)


def added(store: IndexStore, folder: Path, ratings: Ratings) -> Appended:
    """Append a table without times."""
    return append(str(write_source(folder / "added", ratings) / "ratings.csv"), index=store)


# What it takes over


@on_every_engine
def test_new_and_changed_ratings_are_there_at_once(store: IndexStore, tmp_path: Path) -> None:
    """A new person becomes a neighbour; a changed opinion and a new movie count."""
    built(store, tmp_path)
    with Recommender(store) as rec:
        assert rec.recommend(likes(1, 2, 3)).neighbours == 3
        report = added(
            store, tmp_path, {1: {4: 2}, 9: {1: 5, 2: 5, 3: 5, 4: 1, 50: 5}, 11: {50: 4}}
        )
        assert (report.changed, report.thin_raters, report.users) == (7, 0, 3)
        top = rec.recommend(likes(1, 2, 3))
        assert top.neighbours == 5
        # Movie 4 has the votes of one fewer, and the new one those of two.
        assert {row.movie.movie_id for row in top[:2]} == {5, 50}
        assert (rec.movie(50).title, rec.movie(50).ratings, rec.movie(50).mean) == ("50", 2, 4.5)
        assert (rec.movie(4).ratings, rec.movie(4).mean) == (4, 3.0)
        assert ("id:4", 2) in rec.profile_of(1).stars.items()
        assert (rec.stats().users, rec.stats().raters, rec.stats().movies) == (8, 5, 10)
        assert rec.similar(50) is not None


@on_every_engine
def test_what_is_appended_twice_counts_once(store: IndexStore, tmp_path: Path) -> None:
    """No version, no manifest and no point changes, and the report says so."""
    built(store, tmp_path)
    more: Ratings = {1: {4: 2}, 9: {1: 5, 50: 5}}
    first = added(store, tmp_path, more)
    token, there = store.token(), everything(store)
    second = added(store, tmp_path, more)
    assert (first.changed, second.changed) == (3, 0)
    assert second.version == first.version
    assert (store.token(), everything(store)) == (token, there)


def test_what_was_ingested_can_be_appended_and_nothing_changes(
    store: IndexStore, tmp_path: Path
) -> None:
    """The whole source once more, catalogue and all."""
    built(store, tmp_path)
    token = store.token()
    report = append(str(tmp_path / "whole"), index=store)
    assert (report.changed, report.ratings, report.version) == (0, 27, "000001")
    assert store.token() == token


def test_ratings_of_somebody_with_too_few_add_up(store: IndexStore, tmp_path: Path) -> None:
    """User 11 has four ratings; the fifth makes a neighbour of them."""
    built(store, tmp_path)
    assert not contents(store).raters[11].findable
    report = added(store, tmp_path, {11: {1: 5}, 14: {1: 5}})
    assert report.thin_raters == 1
    after = contents(store)
    assert set(after.raters[11].rated) == {1, 2, 3, 4, 5}
    assert (after.raters[11].findable, after.raters[14].findable) == (True, False)
    with Recommender(store) as rec:
        assert {rater.user_id for rater in rec.neighbours(likes(1))} == {1, 2, 3, 11}
        assert rec.stats().raters == 4


def test_scores_after_an_append_are_exact(store: IndexStore, tmp_path: Path) -> None:
    """The engine's dot products are what weights and ratings make them: `contents` checks it."""
    built(store, tmp_path)
    added(store, tmp_path, {20 + n: dict.fromkeys(range(n, n + 6), 5 - n % 3) for n in range(12)})
    assert len(contents(store).raters) == 19
    with Recommender(store) as rec:
        for rater in rec.neighbours(likes(3, 4, 5)):
            assert rater.similarity > 0


@pytest.mark.parametrize("day", [9, 10, 11])
def test_the_later_rating_wins(tmp_path: Path, day: int) -> None:
    """That of the file unless it was given before the day of the stored one."""
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", f"1,1,5,{10 * DAY}", f"2,1,3,{9 * DAY}"), index=store)
        report = append(lines(tmp_path / "b.csv", f"1,1,2,{day * DAY}"), index=store)
        expected = (5.0, 10) if day < 10 else (2.0, day)
        assert contents(store).raters[1].rated == {1: expected}
        assert report.changed == (day >= 10)


def test_movies_liked_since_then_are_trending(tmp_path: Path) -> None:
    """Likes within the days that the last ingest found recent, and after them."""
    rows = [f"{user},{movie},5,{200 * DAY}" for user in range(5) for movie in range(1, 6)]
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", *rows, f"9,9,1,{200 * DAY}"), index=store)
        append(
            lines(
                tmp_path / "b.csv",
                *(f"{user},9,5,{250 * DAY}" for user in range(9)),
                f"0,8,5,{100 * DAY}",
            ),
            index=store,
        )
        with Recommender(store) as rec:
            assert [row.movie.movie_id for row in rec.trending(limit=1)] == [9]
            assert 8 not in [row.movie.movie_id for row in rec.trending(limit=50)]


def test_a_catalogue_that_comes_along_tells_of_movies(store: IndexStore, tmp_path: Path) -> None:
    """New ones, rated or not, and better names for old ones; what it does not say stays."""
    links = "movieId,imdbId,tmdbId\n1,0133093,603\n"
    ingest(str(write_source(tmp_path / "a", THREE_RATERS, FILMS, links)), index=store)
    titles = {1: ("The Matrix (1999)", "Action"), 10: ("Ran (1985)", "War"), 11: ("Kes", "")}
    source = write_source(tmp_path / "b", {1: {10: 5, 77: 5, 9: 4}}, titles)
    report = append(str(source), index=store)
    assert (report.changed, report.dropped) == (2, {"unknown movie": 1})
    with Recommender(store) as rec:
        assert str(rec.movie(10)) == "Ran (1985)"
        assert (rec.movie(11).title, rec.movie(11).ratings) == ("Kes", 0)
        assert (rec.movie(1).genres, rec.movie(1).imdb_id) == (("Action",), "tt0133093")
        assert rec.movie(9).title == "Eva"
        assert append(str(source), index=store).version == report.version


def test_metadata_alone_is_a_change(store: IndexStore, tmp_path: Path) -> None:
    """The same ratings with a better title make a new state, once."""
    built(store, tmp_path)
    renamed = {**FILMS, 9: ("Ave (2011)", "Drama")}
    source = str(write_source(tmp_path / "b", THREE_RATERS, renamed))
    token = store.token()
    assert append(source, index=store).changed == 0
    assert store.token() != token
    with Recommender(store) as rec:
        assert (str(rec.movie("Ave")), rec.movie(9).ratings) == ("Ave (2011)", 3)


def test_attributes_of_people_stay(tmp_path: Path) -> None:
    """An append reads no users file, says so, and keeps what is known."""
    ratings: Ratings = {n: {m: 4 + m % 2 for m in range(1, 7)} for n in range(1, 7)}
    source = write_source(tmp_path / "a", ratings)
    (source / "users.csv").write_text(
        "userId,age\n" + "".join(f"{n},{20 + 10 * (n == 6)}\n" for n in range(1, 7))
    )
    with memory() as store:
        ingest(str(source), index=store)
        added(store, tmp_path, {1: {1: 3}, 2: {7: 5}})
        with Recommender(store) as rec:
            found = rec.neighbours(likes(1, 2), raters=RaterFilter(attributes={"age": "18-24"}))
            assert {rater.user_id for rater in found} == {1, 2, 3, 4, 5}


table = st.dictionaries(
    st.tuples(st.integers(1, 16), st.integers(1, 15)),
    st.tuples(st.sampled_from([0.5, 1, 2.5, 3, 4, 5]), st.integers(0, 40)),
    min_size=1,
    max_size=90,
)


@settings(max_examples=15)
@given(first=table, second=table, limit=st.integers(1, 12))
def test_an_append_leaves_what_a_full_ingest_would(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[tuple[int, int], tuple[float, int]],
    second: dict[tuple[int, int], tuple[float, int]],
    limit: int,
) -> None:
    """People, counts, means and samples of raters; weights alone are those of the last ingest."""
    # So many people that everyone has the same number either way, and more than one kind of star.
    first = {pair: stars for pair, stars in first.items() if pair[0] <= 12}
    first |= {(user, 1): (3.5 + user % 2, 3) for user in range(1, 13)}
    folder = tmp_path_factory.mktemp("split")
    rows = [
        [f"{u},{m},{stars},{day * DAY}" for (u, m), (stars, day) in part.items()]
        for part in (first, second)
    ]
    with pytest.MonkeyPatch.context() as patch, memory() as one, memory() as two:
        patch.setattr("ingest.pipeline.Weighting", lambda: Weighting(movie_raters=limit))
        ingest(lines(folder / "first.csv", *rows[0]), index=one)
        append(lines(folder / "second.csv", *rows[1]), index=one)
        ingest(lines(folder / "all.csv", *rows[0], *rows[1]), index=two)
        assert contents(one) == contents(two)


# What it refuses


@pytest.mark.parametrize(
    ("whole", "header", "row", "message"),
    [
        ("1,1,5,86400", "user,movie,rating", "1,2,5", "no times, but those of the index"),
        ("1,1,5,86400", "user,movie,rating,timestamp", "ann,2,5,1", "user 'ann' is no integer"),
        ("1,1,5,86400", "user,movie,rating,timestamp", "1,x,5,1", "movie 'x' is no integer"),
        ("1,1,5,86400", "user,movie,timestamp", "1,2,1", "no stars, but those of the index"),
        ("1,1,5,86400", "user,movie,rating,timestamp", "1,2,9,1", "1 rating off the scale"),
    ],
)
def test_what_does_not_fit_the_index_is_refused_and_changes_nothing(
    tmp_path: Path, whole: str, header: str, row: str, message: str
) -> None:
    """One line that names the value and what to do."""
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", whole, "2,1,4,86400"), index=store)
        before = everything(store)
        with pytest.raises(SourceError, match=message) as refused:
            append(lines(tmp_path / "b.csv", row, header=header), index=store)
        assert_one_line(refused.value)
        assert everything(store) == before


def test_times_are_left_out_where_the_index_has_none(tmp_path: Path) -> None:
    """The file's rating then wins whenever it was given."""
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", "1,1,5", "2,1,4", header="user,movie,rating"), index=store)
        append(lines(tmp_path / "b.csv", "1,1,2,7", "3,1,4,x"), index=store)
        assert contents(store).raters[1].rated == {1: (2.0, None)}
        assert contents(store).raters[3].rated == {1: (4.0, None)}


def test_the_latest_of_a_file_counts_where_the_index_has_no_times(tmp_path: Path) -> None:
    """Whatever the order of its lines; a line without a time comes before those with one."""
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", "1,1,5", "2,1,4", header="user,movie,rating"), index=store)
        rows = ["30,1,5,2000000000", "30,1,1,1000000000", "30,1,2,x"]
        report = append(lines(tmp_path / "b.csv", *rows), index=store)
        assert report.dropped == {"rated again later": 2}
        assert contents(store).raters[30].rated == {1: (5.0, None)}


def test_long_ids_are_integers_beside_what_is_no_number(tmp_path: Path) -> None:
    """A file that is read as text for one bad rating has the same ids."""
    long = 1234567890123456789
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", "1,1,5,86400", "2,1,4,86400"), index=store)
        rows = [f"{long},1,5,1000000000", "1,2,x,1000000000"]
        report = append(lines(tmp_path / "b.csv", *rows), index=store)
        assert report.dropped == {"rating not a number": 1}
        assert set(contents(store).raters[long].rated) == {1}
        with pytest.raises(SourceError, match=f"user '{10 * long}' is no integer"):
            append(lines(tmp_path / "c.csv", f"{10 * long},1,5,1"), index=store)


def test_ids_become_text_where_those_of_the_index_are(tmp_path: Path) -> None:
    """As they are written: 007 is not 7."""
    with memory() as store:
        header = "user,movie,rating"
        ingest(lines(tmp_path / "a.csv", "ann,x,5", "007,7,4", header=header), index=store)
        report = append(lines(tmp_path / "b.csv", "007,7,3", "7,8,2", header=header), index=store)
        assert report.changed == 2
        raters = contents(store).raters
        assert raters["007"].rated == {"7": (3.0, None)}
        assert raters["7"].rated == {"8": (2.0, None)}


@pytest.mark.parametrize(
    ("header", "rows"),
    [("user,movie", ["3,1", "3,2"]), ("user,movie,rating", ["3,1,4", "3,2,4"])],
)
def test_an_index_of_likes_takes_rows_as_likes(
    tmp_path: Path, header: str, rows: list[str]
) -> None:
    """Without ratings, or with always the same; others are refused."""
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", "1,1", "2,1", header="user,movie"), index=store)
        append(lines(tmp_path / "b.csv", *rows, header=header), index=store)
        assert contents(store).movies[1].likes == 3
        with pytest.raises(SourceError, match="run from 1 to 5, but the index"):
            append(
                lines(tmp_path / "c.csv", "3,1,1", "3,2,5", header="user,movie,stars"), index=store
            )


def test_what_is_no_rating_is_no_like(tmp_path: Path) -> None:
    """An append counts and drops what an ingest of the same file does."""
    file = lines(tmp_path / "a.csv", "20,1,1", "20,2,", "20,3,n/a", header="user,movie,rating")
    with memory() as store:
        first = ingest(file, index=store)
        assert (first.ratings, first.dropped) == (1, {"no rating": 2})
        report = append(file, index=store)
        assert (report.ratings, report.dropped) == (1, first.dropped)
        assert report.changed == 0


def test_ratings_off_the_scale_of_the_index_are_dropped(tmp_path: Path) -> None:
    """The index's scale decides, whatever the file would have on its own; so do its steps."""
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", "1,1,5,1", "2,1,0.5,1"), index=store)
        report = append(lines(tmp_path / "b.csv", "1,2,8,1", "1,3,3.7,1"), index=store)
        assert report.dropped == {"rating off the scale": 1}
        assert contents(store).raters[1].rated == {1: (5.0, 0), 3: (3.5, 0)}


def test_a_file_on_another_scale_than_the_index_is_refused(tmp_path: Path) -> None:
    """Of 1 to 10 those up to 5 would become dislikes."""
    tens = [f"1,{movie},{movie % 10 + 1},1" for movie in range(2, 32)]
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", "1,1,5,1", "2,1,0.5,1"), index=store)
        with pytest.raises(SourceError, match=r"15 ratings are off the scale 0\.5") as refused:
            append(lines(tmp_path / "b.csv", *tens), index=store)
        assert_one_line(refused.value)


def test_there_must_be_an_index(store: IndexStore, tmp_path: Path) -> None:
    """And none is begun where there is none."""
    with pytest.raises(IndexNotFoundError, match="kindred ingest"):
        added(store, tmp_path, THREE_RATERS)
    assert not (tmp_path / "index").exists()


def test_one_writes_at_a_time(store: IndexStore, tmp_path: Path) -> None:
    """Whether all anew or what is there; and who is done lets others in."""
    built(store, tmp_path)
    for first, second in (
        (store.writer, store.updater),
        (store.updater, store.writer),
        (store.updater, store.updater),
    ):
        with closing(first()), pytest.raises(IndexBusyError):
            second()
    added(store, tmp_path, {1: {4: 2}})


# In a folder


def test_an_append_in_a_folder_is_a_version_that_can_be_rolled_back(tmp_path: Path) -> None:
    """The one before stays as it is."""
    index = tmp_path / "index"
    source = write_source(tmp_path / "a", THREE_RATERS)
    ingest(str(source), index=index)
    store = EdgeStore(index)
    before = everything(store)
    report = append(str(write_source(tmp_path / "b", {1: {4: 2}, 9: {1: 5, 50: 5}})), index=index)
    assert report.version == "000002"
    assert everything(store) != before
    assert store.rollback() == "000001"
    assert everything(store) == before


def test_holes_of_preallocated_files_stay_holes(tmp_path: Path) -> None:
    """A copy of a small index is as small on the disk."""
    index = tmp_path / "index"
    ingest(str(write_source(tmp_path / "a", THREE_RATERS)), index=index)
    append(str(write_source(tmp_path / "b", {1: {4: 2}})), index=index)
    one, two = (
        sum(path.stat().st_blocks for path in (index / "versions" / name).rglob("*"))
        for name in ("000001", "000002")
    )
    assert two < 3 * one


def test_an_append_of_dislikes_only_warns_of_another_scale(tmp_path: Path) -> None:
    """A file on 1-5 in an index on 1-10 has no rating above 5."""
    rows = [f"{user},{movie},{1 + (user + movie) % 10}" for user in range(9) for movie in range(9)]
    with memory() as store:
        ingest(lines(tmp_path / "a.csv", *rows, header="user,movie,rating"), index=store)
        more = [f"{user},1,{1 + user % 5}" for user in range(100, 130)]
        report = append(lines(tmp_path / "b.csv", *more, header="user,movie,rating"), index=store)
    assert report.ratings == 30
    assert "all 30 ratings are dislikes on the scale 1-10" in report.warnings[0]
