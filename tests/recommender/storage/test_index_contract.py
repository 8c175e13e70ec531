"""What every engine must do, whichever it is.

Another adapter joins by one more entry in ``ENGINES``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    IndexProblem,
)
from recommender.storage.encoding import movie_payload, rater_payload
from recommender.storage.index import Index, IndexStore, PendingChange
from recommender.storage.manifest import FORMAT, write_manifest
from recommender.storage.rater_conditions import RaterCondition
from recommender.storage.server import ServerStore
from tests.recommender.storage.engines import CONTRACT, ENGINES
from tests.recommender.storage.stores import (
    MOVIES,
    RATERS,
    fill,
    manifest,
    movie,
    packed,
    points,
    publish,
    vector,
)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the heartbeat of writers on servers, to a time that a cluster can still keep."""
    monkeypatch.setattr("recommender.storage.server.writer.INTERVAL", 0.5)


on_every_engine = pytest.mark.parametrize("store", ENGINES, indirect=True)


@pytest.fixture(params=CONTRACT)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexStore]:
    """Give an empty place."""
    with ENGINES[request.param](tmp_path) as place:
        yield place


@pytest.fixture(scope="module", params=ENGINES)
def index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Index]:
    """Open a version with the raters and movies of ``stores.py``."""
    with ENGINES[request.param](tmp_path_factory.mktemp("contract")) as place:
        publish(place)
        with closing(place.open()) as opened:
            yield opened


# Searching


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({0: 1.0}, [(1, 2), (0, 1), (3, 1)]),
        ({3: 1.0}, [(0, 1), (2, 1), (3, 1)]),
        ({0: 1.0, 3: 1.0}, [(0, 2), (1, 2), (3, 2), (2, 1)]),
        # Negative entries: 0 and 3 come to zero, 2 falls below it, and 1 alone is left.
        ({0: 1.0, 3: -1.0}, [(1, 2)]),
        ({0: -1.0, 6: 3.0}, [(1, 1)]),
        ({0: -1.0}, []),
        ({7: 1.0}, []),
        ({9: 1e-3}, [(5, 1e-3)]),
        ({2**32 - 1: 1.0}, []),
    ],
)
def test_neighbours_are_positive_dot_products_best_first_and_ties_by_id(
    index: Index, question: dict[int, float], expected: list[tuple[int, float]]
) -> None:
    """Zero and negative scores never come back; equal ones stand by ascending id."""
    hits = index.neighbours(vector(question), limit=10)
    assert hits.ids.tolist() == [number for number, _ in expected]
    assert hits.scores.tolist() == pytest.approx([score for _, score in expected])
    assert (str(hits.ids.dtype), str(hits.scores.dtype)) == ("int64", "float64")


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_more_neighbours_come_back_than_asked_for(index: Index, limit: int) -> None:
    """The limit holds, and the best is among those that come back."""
    hits = index.neighbours(vector({0: 1.0}), limit=limit)
    assert len(hits.ids) == limit
    assert hits.ids[0] == 1


def test_an_empty_question_has_no_neighbours(index: Index) -> None:
    """A vector without entries has no positive dot product with anything."""
    hits = index.neighbours(vector({}), limit=10)
    assert (hits.ids.tolist(), hits.scores.tolist()) == ([], [])


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, [(1, 1), (4, 1)]),
        (1, [(0, 1), (4, 0.5)]),
        (2, []),
        (3, []),
        (99, []),
    ],
)
def test_near_leaves_the_movie_itself_out(
    index: Index, number: int, expected: list[tuple[int, float]]
) -> None:
    """Only others with a positive dot product; none for an empty or unknown movie."""
    hits = index.similar_movies(number, limit=10)
    assert hits.ids.tolist() == [other for other, _ in expected]
    assert hits.scores.tolist() == pytest.approx([score for _, score in expected])


def test_near_gives_as_many_as_asked_for_besides_itself(index: Index) -> None:
    """Leaving itself out costs no place."""
    assert len(index.similar_movies(0, limit=1).ids) == 1
    assert len(index.similar_movies(0, limit=2).ids) == 2


entries = st.dictionaries(
    st.integers(0, 12), st.floats(-2, 2, allow_nan=False, width=32), max_size=8
)


@settings(max_examples=60)
@given(question=entries)
def test_any_question_gets_the_plain_dot_products(index: Index, question: dict[int, float]) -> None:
    """Whatever the vector, scores are sums of products over shared indices."""
    expected = {
        number: sum(value * rated.get(place, 0.0) for place, value in question.items())
        for number, rated in RATERS.items()
    }
    hits = index.neighbours(vector(question), limit=10)
    found = dict(zip(hits.ids.tolist(), hits.scores.tolist(), strict=True))
    assert all(score > 0 for score in found.values())
    assert hits.ids.tolist() == sorted(found, key=lambda number: (-found[number], number))
    for number, score in expected.items():
        assert found.get(number, 0.0) == pytest.approx(max(score, 0.0), rel=1e-5, abs=1e-6)


PEOPLE: dict[int, tuple[int, dict[str, str]]] = {
    0: (10, {"age": "25-34", "sex": "F"}),
    1: (20, {"age": "25-34", "sex": "M"}),
    2: (30, {"age": "56+"}),
    3: (30, {"age": "18-24", "sex": "F"}),
    4: (40, {}),
    5: (50, {"age": "56+"}),
}
"""Day of the last rating and attributes; the best neighbours are 1, 0, 3, 2, in this order. The
last has too few ratings to be anyone's, and no vector."""


@pytest.fixture(scope="module", params=ENGINES)
def people(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Index]:
    """Open a version whose raters have attributes and days."""
    with ENGINES[request.param](tmp_path_factory.mktemp("people")) as place:
        payloads = [
            rater_payload(number, 1.0, packed([0], [8], [last]), 1, last, about)
            for number, (last, about) in PEOPLE.items()
        ]
        vectors = {0: {0: 3.0}, 1: {0: 4.0}, 2: {0: 1.0}, 3: {0: 2.0}, 4: {7: 1.0}, 5: {}}
        attributes = {"age": ("18-24", "25-34", "56+"), "sex": ("F", "M")}
        described = manifest(timed=True, attributes=attributes)
        with closing(place.writer()) as writer:
            writer.expect(described)
            writer.add_users(points(vectors, payloads))
            writer.add_movies(points({0: {0: 1.0}}, [movie_payload(movie(0))]))
            writer.finish(described)
            writer.publish()
        with closing(place.open()) as opened:
            yield opened


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, [1, 0, 3, 2]),
        (RaterCondition(active_since=10), [1, 0, 3, 2]),
        (RaterCondition(active_since=11), [1, 3, 2]),
        (RaterCondition(active_since=30), [3, 2]),
        (RaterCondition(active_since=31), []),
        (RaterCondition(active_since=-5), [1, 0, 3, 2]),
        (RaterCondition(attributes=(("is_age", ("25-34",)),)), [1, 0]),
        (RaterCondition(attributes=(("is_age", ("18-24", "56+")),)), [3, 2]),
        (RaterCondition(attributes=(("is_age", ("18-24", "25-34")), ("is_sex", ("F",)))), [0, 3]),
        (RaterCondition(active_since=20, attributes=(("is_sex", ("F", "M")),)), [1, 3]),
        (RaterCondition(active_since=40, attributes=(("is_sex", ("F", "M")),)), []),
        (RaterCondition(active_since=50), []),
    ],
)
def test_only_people_who_meet_the_condition_are_neighbours(
    people: Index, condition: RaterCondition | None, expected: list[int]
) -> None:
    """All parts hold, a day includes itself, and one value of several is enough."""
    hits = people.neighbours(vector({0: 1.0}), limit=10, condition=condition)
    assert hits.ids.tolist() == expected


def test_the_limit_counts_those_who_meet_the_condition(people: Index) -> None:
    """The condition is part of the search, not applied to what it found."""
    condition = RaterCondition(attributes=(("is_sex", ("F",)),))
    hits = people.neighbours(vector({0: 1.0}), limit=1, condition=condition)
    assert hits.ids.tolist() == [0]


# Reading


def test_raters_come_back_in_the_order_asked_for(index: Index) -> None:
    """Neither by number nor by the engine's whim."""
    assert [r.number for r in index.raters(np.array([3, 0, 5]))] == [3, 0, 5]
    assert [r.user_id for r in index.raters(np.array([3, 0, 5]))] == [103, 100, 105]
    assert [r.length for r in index.raters(np.array([3, 0, 5]))] == [4.0, 1.0, 6.0]
    assert index.raters(np.array([], dtype=np.int64)) == []


def test_vectors_of_movies_come_back_in_the_order_asked_for(index: Index) -> None:
    """One asked for twice, an empty one and an unknown one included."""
    found = index.movie_vectors(np.array([2, 0, 3, 99, 2]))
    assert [vector.indices.tolist() for vector in found] == [[1, 2], [0, 1], [], [], [1, 2]]
    assert [vector.values.tolist() for vector in found] == [[-1, 1], [1, 1], [], [], [-1, 1]]


def test_many_vectors_come_back_whole_zeros_included(store: IndexStore) -> None:
    """More movies than are fetched at once; a rater as expected still is one of the raters."""
    written = {number: {0: 0.0, number + 1: 2.0} for number in range(300)}
    with closing(store.writer()) as writer:
        writer.expect(manifest())
        writer.add_movies(points(written, [movie_payload(movie(number)) for number in written]))
        writer.finish(manifest(movies=300, users=301))
        writer.publish()
    with closing(store.open()) as opened:
        found = opened.movie_vectors(np.arange(300))
        assert [vector.indices.tolist() for vector in found] == [[0, n + 1] for n in range(300)]
        assert {tuple(vector.values.tolist()) for vector in found} == {(0, 2)}


def test_a_rater_is_found_by_the_id_of_the_source(index: Index) -> None:
    """The external id finds the dense number; an unknown one finds nothing."""
    rater = index.rater(104)
    assert rater is not None
    assert (rater.number, rater.user_id) == (4, 104)
    assert index.rater(4) is None


@on_every_engine
def test_many_are_found_by_their_ids_at_once(store: IndexStore) -> None:
    """More than are asked for in one call; unknown ones are left out."""
    numbers = range(600)
    with closing(store.writer()) as writer:
        writer.expect(manifest())
        payloads = [rater_payload(1000 + n, 1.0, packed([0], [8]), 1, None) for n in numbers]
        writer.add_users(points({n: {n: 1.0} for n in numbers}, payloads))
        writer.add_movies(points(MOVIES, [movie_payload(movie(number)) for number in MOVIES]))
        writer.finish(manifest())
        writer.publish()
    with closing(store.open()) as opened:
        asked = [*range(1000, 1600, 2), 7, 10**15]
        found = opened.user_points.find("user_id", asked)
        assert {n: p["user_id"] for n, p in found.items()} == {n: 1000 + n for n in numbers[::2]}
        assert opened.user_points.find("user_id", []) == {}
        movies = opened.movie_points.find("movie_id", [14, 10, 99])
        assert sorted(movies) == [0, 4]


def test_raters_with_text_ids_are_found(store: IndexStore) -> None:
    """Ids may be text throughout."""
    described = manifest(user_ids="str")
    with closing(store.writer()) as writer:
        fill(writer, described=described)
        writer.add_users(points({7: {0: 1.0}}, [rater_payload("ann", 1, packed([0], [8]), 1, 3)]))
        writer.finish(described)
        writer.publish()
    with closing(store.open()) as opened:
        rater = opened.rater("ann")
        assert rater is not None
        assert rater.number == 7
        assert opened.rater("Ann") is None


def test_movies_are_scanned_by_ascending_number(index: Index) -> None:
    """All of them, whole, the empty one included."""
    assert list(index.movies()) == [movie(number) for number in MOVIES]


def test_a_catalogue_of_several_pages_is_scanned_in_order(store: IndexStore) -> None:
    """More movies than an engine returns at once, written in falling order."""
    numbers = range(2250)
    with closing(store.writer()) as writer:
        writer.expect(manifest())
        for start in reversed(range(0, 2250, 250)):
            batch = list(reversed(range(start, start + 250)))
            payloads = [movie_payload(movie(number)) for number in batch]
            writer.add_movies(points({number: {0: 1.0} for number in batch}, payloads))
        writer.finish(manifest(movies=2250))
        writer.publish()
    with closing(store.open()) as opened:
        assert [record.number for record in opened.movies()] == list(numbers)


@on_every_engine
def test_every_field_of_a_movie_survives(store: IndexStore) -> None:
    """Accents, missing and present fields, big ids."""
    full = movie(
        0, title="Amélie 🎬", year=2001, genres=("Comedy", "Romance"), imdb_id="tt0211915",
        tmdb_id=194, ratings=2**40, mean=4.125, recent=7, tags=("Paris 🗼", "quirky"),
    )  # fmt: skip
    bare = movie(1, movie_id=2**62, ratings=0, likes=0, mean=None)
    with closing(store.writer()) as writer:
        writer.expect(manifest())
        writer.add_movies(points({0: {}, 1: {}}, [movie_payload(full), movie_payload(bare)]))
        writer.finish(manifest())
        writer.publish()
    with closing(store.open()) as opened:
        assert list(opened.movies()) == [full, bare]


def test_the_manifest_comes_back_as_written(index: Index) -> None:
    """All but what the engine itself records."""
    recorded: dict[str, object] = {"files": {}, "config_checksums": {}, "checksum": None}
    assert index.manifest.model_copy(update=recorded) == manifest()


def test_the_engine_reports_how_raters_and_movies_are_stored(index: Index) -> None:
    """As many points as were written, in at least one segment."""
    users, movies = index.parts()
    assert (users.points, movies.points) == (len(RATERS), len(MOVIES))
    assert min(users.segments, movies.segments) >= 1
    assert all(part.disk is None or part.disk > 0 for part in (users, movies))


# Writing and publishing


def test_there_is_no_index_before_the_first_publication(store: IndexStore) -> None:
    """Both the token and opening say so, with the place and what to do."""
    for ask in (store.token, store.open):
        with pytest.raises(IndexNotFoundError, match="kindred ingest") as caught:
            ask()
        assert store.place in str(caught.value)


@on_every_engine
def test_nothing_is_visible_before_publish(store: IndexStore) -> None:
    """Neither while writing nor when finished, for the first version as for the next."""
    with closing(store.writer()) as writer:
        fill(writer)
        writer.finish(manifest())
        with pytest.raises(IndexNotFoundError):
            store.open()
        first = writer.publish()
    before = store.token()
    with closing(store.writer()) as writer:
        fill(writer, {0: {0: 1.0}})
        writer.finish(manifest(mean=1.0))
        assert store.token() == before
        with closing(store.open()) as opened:
            assert (opened.version, opened.manifest.mean) == (first, 4.0)
        second = writer.publish()
    assert store.token() != before
    assert second != first
    with closing(store.open()) as opened:
        assert (opened.version, opened.manifest.mean) == (second, 1.0)


def test_an_open_version_outlives_the_next_publication(store: IndexStore) -> None:
    """Who reads the old version goes on reading it, whole."""
    publish(store)
    with closing(store.open()) as old:
        publish(store, {0: {0: 5.0}})
        hits = old.neighbours(vector({0: 1.0}), limit=10)
        assert hits.ids.tolist() == [1, 0, 3]
        assert len(old.raters(hits.ids)) == 3
        assert len(list(old.movies())) == 5


def test_the_token_changes_with_every_publication(store: IndexStore) -> None:
    """And stays the same in between."""
    tokens = []
    for _ in range(3):
        publish(store)
        assert store.token() == store.token()
        tokens.append(store.token())
    assert len(set(tokens)) == 3


@on_every_engine
def test_a_second_writer_is_refused_until_the_first_is_done(store: IndexStore) -> None:
    """One writer at a time; the refusal says what to do."""
    first = store.writer()
    with pytest.raises(IndexBusyError, match="another ingest is writing") as caught:
        store.writer()
    assert store.place in str(caught.value)
    first.close()
    store.writer().close()


@on_every_engine
def test_a_rollback_serves_the_version_before_and_then_says_that_none_is_left(
    store: IndexStore,
) -> None:
    """The newer one is kept until the next publication, which counts on and keeps what served."""
    first, second = publish(store, mean=1.0), publish(store, mean=2.0)
    before = store.token()
    assert store.rollback() == first
    assert store.token() != before
    with closing(store.open()) as opened:
        assert (opened.version, opened.manifest.mean) == (first, 1.0)
    with pytest.raises(IndexProblem, match=f"no version before {first} is kept"):
        store.rollback()
    third = publish(store, mean=3.0)
    assert third > second
    assert store.rollback() == first


def test_a_rollback_is_refused_while_somebody_writes(store: IndexStore) -> None:
    """Whether all anew or in place; nothing of it is lost."""
    publish(store)
    second = publish(store)
    for begin in (store.writer, store.updater):
        with closing(begin()), pytest.raises(IndexBusyError, match="another ingest is writing"):
            store.rollback()
    with closing(store.open()) as opened:
        assert opened.version == second
    store.rollback()


def test_there_is_nothing_to_roll_back_to_where_nothing_is(store: IndexStore) -> None:
    """Neither without an index nor with its first version."""
    with pytest.raises(IndexNotFoundError, match="kindred ingest"):
        store.rollback()
    publish(store)
    with pytest.raises(IndexProblem, match="no version before 000001 is kept"):
        store.rollback()


@on_every_engine
def test_points_of_many_batches_are_all_there(store: IndexStore) -> None:
    """However many are sent at once."""
    with closing(store.writer()) as writer:
        writer.expect(manifest())
        for start in range(0, 600, 20):
            numbers = range(start, start + 20)
            payloads = [rater_payload(n, 1.0, packed([0], [8]), 1, None) for n in numbers]
            writer.add_users(points({n: {n: 1.0} for n in numbers}, payloads))
        writer.add_movies(points({0: {0: 1.0}}, [movie_payload(movie(0))]))
        writer.finish(manifest())
        writer.publish()
    with closing(store.open()) as opened:
        assert [r.user_id for r in opened.raters(np.arange(600))] == list(range(600))
        assert all(opened.neighbours(vector({n: 1.0}), limit=5).ids == [n] for n in (0, 299, 599))


@on_every_engine
def test_closing_without_publishing_discards(store: IndexStore) -> None:
    """The version before stays the current one."""
    name = publish(store)
    with closing(store.writer()) as writer:
        fill(writer, {0: {0: 9.0}})
        writer.finish(manifest(mean=1.0))
    with closing(store.open()) as opened:
        assert (opened.version, opened.manifest.mean) == (name, 4.0)
        assert len(opened.neighbours(vector({0: 1.0}), limit=10).ids) == 3


def test_closing_twice_is_allowed(store: IndexStore) -> None:
    """A writer and a reader alike."""
    writer = store.writer()
    fill(writer)
    writer.finish(manifest())
    writer.publish()
    writer.close()
    writer.close()
    opened = store.open()
    opened.close()
    opened.close()


def test_a_version_without_raters_can_be_asked(store: IndexStore) -> None:
    """A source of thin raters only has nobody to search, and that is no error."""
    publish(store, {})
    with closing(store.open()) as opened:
        assert opened.neighbours(vector({0: 1.0}), limit=10).ids.tolist() == []
        assert opened.rater(100) is None
        assert len(list(opened.movies())) == 5


# Formats


def _of_format(number: int) -> str:
    """Manifest of another format, with a field of another name and without a checksum."""
    value = json.loads(manifest().model_dump_json(exclude={"maintenance", "checksum"}))
    return json.dumps(value | {"format": number, "upkeep": {}})


def _replace_manifest(store: IndexStore, version: str, text: str) -> None:
    if isinstance(store, ServerStore):
        store.collection(version, "users").describe({"kindred_manifest": text})
    else:
        path = Path(store.place) / "versions" / version / "manifest.json"
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("number", [FORMAT - 1, FORMAT + 1])
def test_an_index_of_another_format_is_refused_with_one_line(
    store: IndexStore, number: int
) -> None:
    """Whether it is read or changed; the line says to ingest again, and that helps."""
    _replace_manifest(store, publish(store), _of_format(number))
    for ask in (store.open, store.verify, store.updater):
        with pytest.raises(IndexFormatError) as caught:
            ask()
        assert re.search(f"index format {FORMAT} .*: ingest again", str(caught.value))
        assert store.place in str(caught.value)
        assert "\n" not in str(caught.value)
    name = publish(store)
    with closing(store.open()) as opened:
        assert opened.version == name
    with pytest.raises(IndexFormatError, match="ingest again"):
        store.rollback()


def test_a_manifest_that_changed_is_damage(store: IndexStore) -> None:
    """Every value there changes answers, wherever the manifest is kept."""
    changed = write_manifest(manifest()).replace('"mean": 4.0', '"mean": 4.5')
    _replace_manifest(store, publish(store), changed)
    with pytest.raises(IndexDamagedError, match="not as it was written: ingest again"):
        store.open()


# Changing


def change(store: IndexStore, *, forgot: bool = False) -> str:
    """Replace rater 1 and movie 1, add one of each, remove rater 0."""
    with closing(store.updater()) as updater:
        old = updater.current.manifest
        counts = old.counts.model_copy(update={"movies": 6})
        changes = {"next_user": 7, "updates": 1, "forgot_raters": forgot}
        maintenance = old.maintenance.model_copy(update=changes)
        new = old.model_copy(update={"mean": 2.0, "counts": counts, "maintenance": maintenance})
        assert updater.begin(PendingChange(key="k", command="test", manifest=new)).mean == 2
        changed = [movie(1, title="Anew", update_key="k"), movie(5, title="New", update_key="k")]
        updater.add_movies(points({1: {6: 1.0}, 5: {}}, [movie_payload(one) for one in changed]))
        payloads = [rater_payload(100 + n, 9.0, packed([5], [8]), 1, None) for n in (1, 6)]
        updater.add_users(points({1: {0: 0.5}, 6: {}}, payloads))
        updater.remove_users(np.array([0]))
        return updater.publish()


@on_every_engine
def test_a_change_is_in_the_version_that_is_current_then(store: IndexStore) -> None:
    """Points replaced, added and removed; the others as they were."""
    publish(store)
    token = store.token()
    name = change(store)
    assert store.token() != token
    with closing(store.open()) as opened:
        assert (opened.version, opened.manifest.mean, opened.manifest.maintenance.updates) == (
            name,
            2,
            1,
        )
        hits = opened.neighbours(vector({0: 1.0, 3: 1.0}), limit=10)
        assert dict(zip(hits.ids.tolist(), hits.scores.tolist(), strict=True)) == {
            3: 2,
            2: 1,
            1: 0.5,
        }
        assert [r.length for r in opened.raters(np.array([1, 6, 2]))] == [9, 9, 3]
        assert opened.rater(100) is None
        assert [record.title for record in opened.movies()] == [
            "Film 0", "Anew", "Film 2", "Film 3", "Film 4", "New",
        ]  # fmt: skip
        assert opened.movie_vectors(np.array([1]))[0].indices.tolist() == [6]
    with closing(store.updater()) as updater:
        assert updater.pending is None


@on_every_engine
def test_where_raters_were_forgotten_no_version_before_is_kept(store: IndexStore) -> None:
    """Of a change that removes nobody there is one: the version it changed, or that before."""
    publish(store)
    publish(store)
    change(store)
    store.rollback()
    publish(store)
    change(store, forgot=True)
    with pytest.raises(IndexProblem, match="no version before"):
        store.rollback()
    publish(store)
    store.rollback()


def test_an_updater_that_changes_nothing_leaves_everything(store: IndexStore) -> None:
    """Neither a version nor a trace of it; there must be something to change."""
    with pytest.raises(IndexNotFoundError):
        store.updater()
    name, token = publish(store), store.token()
    with closing(store.updater()) as updater:
        assert updater.current.version == name
        assert updater.pending is None
    assert store.token() == token
    assert publish(store) > name
