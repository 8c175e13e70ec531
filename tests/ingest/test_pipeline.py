"""An ingest from end to end: what it reports, what it leaves, and what it never breaks."""

from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest import Report, ingest, on_stderr
from recommender import (
    IndexBusyError,
    IndexProblem,
    InvalidInputError,
    KindredError,
    Profile,
    Recommender,
    Scale,
    SourceError,
)
from recommender.storage.edge import EdgeStore
from tests.support import (
    FILMS,
    THREE_RATERS,
    Id,
    Ratings,
    assert_one_line,
    build_index,
    likes,
    open_votes,
    random_ratings,
    ratings_text,
    write_source,
)


def answers(index: Path) -> list[tuple[Id, float]]:
    """Recommendations for someone who likes 1, 2 and 3."""
    with Recommender.open(index) as rec:
        return [(row.movie.movie_id, row.score) for row in rec.recommend(likes(1, 2, 3))]


def test_the_report_has_just_the_promised_fields_and_counts(tmp_path: Path) -> None:
    """Other programs read it."""
    source = write_source(tmp_path / "source", THREE_RATERS, FILMS)
    with (source / "ratings.csv").open("a") as stream:
        stream.write("1,99,5\n1,1,5\n,1,5\n")
    report = ingest(str(source), index=tmp_path / "index")
    assert isinstance(report, Report)
    assert report.model_dump().keys() == {
        "source", "ratings", "users", "movies", "dropped", "thin_raters", "scale", "like_from",
        "dislike_to", "files", "first", "warnings", "seconds", "ratings_per_second", "peak_mb",
        "version",
    }  # fmt: skip
    assert report.source == str(source)
    assert (report.ratings, report.users, report.movies) == (27, 7, 9)
    assert report.dropped == {"no user": 1, "unknown movie": 1, "rated again later": 1}
    assert (report.thin_raters, report.version) == (4, "000001")
    assert report.seconds >= 0
    assert report.ratings_per_second > 0
    assert report.peak_mb is None or report.peak_mb > 0


def test_the_index_has_what_the_report_says(tmp_path: Path) -> None:
    """Counts, scale, kinds of ids and source."""
    report = ingest(str(write_source(tmp_path / "s", random_ratings(3))), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as rec:
        stats = rec.stats()
    assert (stats.ratings, stats.users, stats.movies) == (
        report.ratings, report.users, report.movies,
    )  # fmt: skip
    assert stats.raters == report.users - report.thin_raters
    assert stats.version == report.version
    assert (stats.source.title, stats.source.licence, stats.source.synthetic) == ("s", None, False)
    assert stats.scale == "0.5-5"


def test_rows_in_another_order_give_the_same_answers(tmp_path: Path) -> None:
    """Ids, scores and all, bit for bit."""
    ratings = random_ratings(11)
    first = build_index(tmp_path / "a", ratings)
    head, *lines = ratings_text(ratings).splitlines()
    random.Random(1).shuffle(lines)
    shuffled = tmp_path / "b.csv"
    shuffled.write_text("\n".join([head, *lines]) + "\n")
    ingest(str(shuffled), index=tmp_path / "b")
    assert answers(first) == answers(tmp_path / "b")


def test_every_way_to_pack_a_source_gives_the_same_answers(tmp_path: Path) -> None:
    """A folder, a zip and a lone file."""
    source = write_source(tmp_path / "source", THREE_RATERS)
    with zipfile.ZipFile(tmp_path / "source.zip", "w") as archive:
        archive.write(source / "ratings.csv", "top/ratings.csv")
    found = []
    for place in (source, tmp_path / "source.zip", source / "ratings.csv"):
        ingest(str(place), index=tmp_path / "index")
        found.append(answers(tmp_path / "index"))
    assert found[0] == found[1] == found[2]
    assert [movie for movie, _ in found[0]] == [5, 4, 6, 7, 8, 9]


def test_a_variable_names_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the call does not."""
    monkeypatch.setenv("KINDRED_INDEX", str(tmp_path / "named"))
    ingest(str(write_source(tmp_path / "source", THREE_RATERS)))
    assert (tmp_path / "named" / "current").exists()


def test_a_new_ingest_replaces_the_index(tmp_path: Path) -> None:
    """Raters and movies of the old one are gone, not mixed in."""
    index = build_index(tmp_path, THREE_RATERS)
    other: Ratings = {r: {m: 1 + (r + m) % 5 for m in range(6)} for r in range(4)}
    ingest(str(write_source(tmp_path / "other", other)), index=index)
    with Recommender.open(index) as rec:
        assert (rec.stats().users, rec.stats().movies) == (4, 6)
        with pytest.raises(InvalidInputError):
            rec.movie(9)


class Broken:
    """Progress that fails at a stage, as a full disk or an interrupt might."""

    def __init__(self, stage: str, error: BaseException) -> None:
        self.at, self.error = stage, error

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[object]:
        """Fail at the stage that was named."""
        if name == self.at:
            raise self.error
        yield lambda steps: None

    def note(self, text: str) -> None:
        """Take a line for the person who waits."""


@pytest.mark.parametrize("stage", ["reading", "cleaning", "counting", "storing", "finishing"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError("no more")])
def test_an_ingest_that_fails_anywhere_leaves_the_old_version_serving(
    tmp_path: Path, stage: str, error: BaseException
) -> None:
    """No debris, no lock, and the next one succeeds."""
    index = build_index(tmp_path, THREE_RATERS)
    before = answers(index)
    source = write_source(tmp_path / "other", random_ratings(4))
    with pytest.raises(type(error)):
        ingest(str(source), index=index, progress=Broken(stage, error))  # type: ignore[arg-type]
    assert [entry.name for entry in (index / "versions").iterdir()] == ["000001"]
    assert answers(index) == before
    EdgeStore(index).writer().close()


@pytest.mark.parametrize("content", [b"", b"userId,movieId,rating\n1,2,x\n", b"\0\1\2", None])
def test_a_source_that_cannot_be_used_changes_nothing(
    tmp_path: Path, content: bytes | None
) -> None:
    """Neither an index that is there, nor the place where none is."""
    index = build_index(tmp_path, THREE_RATERS)
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError):
        ingest(str(path), index=index)
    assert len(answers(index)) == 6
    with pytest.raises(SourceError):
        ingest(str(path), index=tmp_path / "fresh")
    assert not (tmp_path / "fresh").exists()


def test_a_second_ingest_at_once_is_refused(tmp_path: Path) -> None:
    """And the first is not disturbed."""
    source = write_source(tmp_path / "source", THREE_RATERS)
    writer = EdgeStore(tmp_path / "index").writer()
    with pytest.raises(IndexBusyError, match="another ingest"):
        ingest(str(source), index=tmp_path / "index")
    writer.close()
    assert ingest(str(source), index=tmp_path / "index").version == "000001"


def test_an_index_folder_that_is_somebody_elses_is_refused(tmp_path: Path) -> None:
    """Such as the folder of the source itself."""
    source = write_source(tmp_path / "source", THREE_RATERS)
    with pytest.raises(IndexProblem, match="holds something else"):
        ingest(str(source), index=source)
    assert [entry.name for entry in source.iterdir()] == ["ratings.csv"]


@pytest.mark.parametrize(
    ("scale", "low"),
    [(None, "1-5"), (Scale(low=0.5, high=5), "0.5-5"), (Scale(low=0, high=6), "0-6")],
)
def test_a_scale_given_decides_what_a_like_is(
    tmp_path: Path, scale: Scale | None, low: str
) -> None:
    """On 0-6 a four is none; on 0-10 nobody likes anything, and nothing is built."""
    index = build_index(tmp_path, THREE_RATERS, scale=scale)
    with Recommender.open(index) as rec:
        assert rec.stats().scale == low
        assert len(rec.popular())
    with pytest.raises(SourceError, match="no rating is a like: the highest is 5"):
        build_index(tmp_path / "ten", THREE_RATERS, scale=Scale(low=0, high=10))


def test_likes_without_stars_are_recommended_like_likes(tmp_path: Path) -> None:
    """The hand-worked answers once more, from a file of two columns."""
    path = tmp_path / "likes.csv"
    pairs = [f"{user},{movie}" for user, rated in THREE_RATERS.items() for movie in rated]
    path.write_text("user,movie\n" + "\n".join(pairs) + "\n")
    ingest(str(path), index=tmp_path / "index")
    second, third = (2 / 3) ** (5.6 / 3), (1 / 3) ** (5.6 / 3)
    both = second + third
    votes = [(5, 1 + second), (4, 1), (6, both), (7, both), (8, third), (9, third)]
    with open_votes(tmp_path / "index", popularity_discount=0.36) as rec:
        found = rec.recommend(likes(1, 2, 3))
    assert [row.movie.movie_id for row in found] == [movie for movie, _ in votes]
    assert [row.score * 23**0.18 for row in found] == pytest.approx([vote for _, vote in votes])
    with Recommender.open(tmp_path / "index") as rec:
        assert rec.stats().scale == "likes only"
        assert not rec.profile_of(1).stars
        assert rec.similar(8)[0].movie.movie_id == 9


def test_a_source_of_thin_raters_only_can_be_ingested(tmp_path: Path) -> None:
    """There is nobody to be kin to, so everybody gets what is popular."""
    path = tmp_path / "thin.csv"
    path.write_text("user,movie,rating\n1,1,5\n2,1,4\n3,2,5\n4,3,1\n")
    report = ingest(str(path), index=tmp_path / "index")
    assert report.thin_raters == 4
    with Recommender.open(tmp_path / "index") as rec:
        top = rec.recommend({1: 1})
        assert (top.fallback, [row.movie.movie_id for row in top]) == ("popular", [2])


def test_a_single_rating_can_be_ingested(tmp_path: Path) -> None:
    """The least there is."""
    path = tmp_path / "one.csv"
    path.write_text("user,movie,rating\nann,x,4\n")
    ingest(str(path), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as rec:
        assert [row.movie.movie_id for row in rec.popular()] == ["x"]
        assert len(rec.recommend({"x": 1})) == 0
        assert rec.similar("x").to_frame().empty


def test_ids_at_the_ends_of_64_bits(tmp_path: Path) -> None:
    """Of users and movies, found again by the id they have."""
    big = 2**63 - 1
    ratings: Ratings = {
        user: {movie: 1 + place % 5 for place, movie in enumerate((big, -big, 0, 1, 2))}
        for user in (big, -big, 0)
    }
    index = build_index(tmp_path, ratings)
    with Recommender.open(index) as rec:
        assert rec.movie(big).movie_id == big
        assert rec.movie(-big).movie_id == -big
        for user in (10**17, 0):
            if user in ratings:
                assert rec.profile_of(user).user_id == user


def test_a_fine_scale_agrees_with_itself(tmp_path: Path) -> None:
    """On -10..10, 5.98 is stored as 6.0, a like: in the vector as in the payload."""
    ratings: Ratings = {
        1: {1: 5.98, 2: 9, 3: 9, 4: 9, 5: 9},
        2: {6: -9.87, 2: -9, 3: -9, 4: -9, 5: -9},
        3: {7: 1}, 4: {7: 2}, 5: {7: 3},
    }  # fmt: skip
    index = build_index(tmp_path, ratings, scale=Scale(low=-10, high=10))
    with Recommender.open(index) as rec:
        one = rec.profile_of(1)
        assert rec.movie(1).ratings == 1
        assert [row.movie.movie_id for row in rec.popular()][:5] == [1, 2, 3, 4, 5]
        mirrored = Profile.from_stars(one.stars, scale=(-10, 10))
        # Asked as somebody else, rater 1 is the one neighbour and has nothing new to tell.
        assert rec.recommend(mirrored).neighbours >= 1


def test_progress_tells_the_stages_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As lines on standard error where that is no terminal; standard output stays empty."""
    source = write_source(tmp_path / "source", THREE_RATERS)
    ingest(str(source), index=tmp_path / "index", progress=on_stderr())
    out, err = capsys.readouterr()
    assert out == ""
    stages = ["reading", "cleaning", "counting", "storing", "finishing"]
    begun = [line.split()[0] for line in err.splitlines() if line.endswith(" 0%")]
    done = [line.split()[0] for line in err.splitlines() if line.endswith(" 100%")]
    assert begun == done == stages


def test_every_error_of_an_ingest_is_one_of_ours_in_one_line(tmp_path: Path) -> None:
    """Missing, unreadable, a folder of nothing, a device."""
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "empty", "\0", "x" * 5000, "~nobody-of-that-name/x"):
        place = str(tmp_path / name) if not name.startswith("~") else name
        with pytest.raises(KindredError) as caught:
            ingest(place, index=tmp_path / "index")
        assert_one_line(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="file names are text on Windows")
def test_a_file_name_that_is_no_text_is_no_obstacle(tmp_path: Path) -> None:
    """Names are bytes on Linux; what cannot be shown is shown as a question mark."""
    path = os.fsencode(tmp_path) + b"/\xff.csv"
    try:
        os.close(os.open(path, os.O_CREAT))
    except OSError:
        pytest.skip("this file system has no such names")
    Path(os.fsdecode(path)).write_text(ratings_text(THREE_RATERS))
    ingest(os.fsdecode(path), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as rec:
        assert rec.stats().source.title == "?.csv"
