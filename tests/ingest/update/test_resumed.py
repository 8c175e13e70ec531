"""Changes in place on a server that died half way, and are made again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import ResponseHandlingException

from ingest import append, forget, ingest
from recommender import EngineUnavailableError, IndexProblem, Recommender, UnknownUserError
from recommender.storage.server import ServerStore
from tests.ingest.contents import everything
from tests.recommender.storage.engines import memory
from tests.support import FILMS, Ratings, assert_one_line, random_ratings, write_source

CURRENT = "kindred-000001-"
TABLE = random_ratings(8, raters=14, movies=12)
LATER: Ratings = {
    2: {1: 5, 3: 1, 20: 4},
    **{30 + n: {movie: 1 + (n + movie) % 5 for movie in range(1, 9)} for n in range(4)},
    40: {21: 5},
}


class Mortal(QdrantClient):
    """A server that after some writes to the current version takes no more, until it is revived."""

    current = CURRENT
    left: int | None = None
    written = 0

    def _write(self, name: str) -> None:
        if self.left == 0:
            raise ResponseHandlingException(httpx.ConnectError("down"))
        if name.startswith(self.current):
            self.written += 1
            if self.left is not None:
                self.left -= 1

    def upsert(self, collection_name: str, *args: Any, **given: Any) -> Any:
        """Write points."""
        self._write(collection_name)
        return super().upsert(collection_name, *args, **given)

    def delete(self, collection_name: str, *args: Any, **given: Any) -> Any:
        """Delete points."""
        self._write(collection_name)
        return super().delete(collection_name, *args, **given)

    def update_collection(self, collection_name: str, *args: Any, **given: Any) -> Any:
        """Record metadata."""
        self._write(collection_name)
        return super().update_collection(collection_name, *args, **given)

    def delete_collection(self, collection_name: str, *args: Any, **given: Any) -> Any:
        """Delete a collection."""
        self._write("")
        return super().delete_collection(collection_name, *args, **given)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find out fast that a writer died, and write a point or two at a time."""
    monkeypatch.setattr("recommender.storage.server.writer.INTERVAL", 0.02)
    monkeypatch.setattr("recommender.storage.server.retries._PAUSES", (0.001,))
    monkeypatch.setattr("ingest.update.affected_movies._PAGE", 2)
    monkeypatch.setattr("ingest.blocks._BATCH_POINTS", 1)


@contextmanager
def served(folder: Path) -> Iterator[tuple[Mortal, ServerStore]]:
    """Ingest a table on a server of its own."""
    client = Mortal(":memory:")
    with memory(engine=client) as store:
        ingest(str(write_source(folder / "whole", TABLE, FILMS | _titles())), index=store)
        yield client, store


def _titles() -> dict[int, tuple[str, str]]:
    return {movie: (f"Film {movie}", "") for movie in range(10, 13)}


Change = Callable[[ServerStore, Path], Any]


def _append(store: ServerStore, folder: Path) -> Any:
    return append(str(write_source(folder / "later", LATER) / "ratings.csv"), index=store)


def _forget(store: ServerStore, folder: Path) -> Any:
    return forget([3, 5, 6], index=store)


@pytest.mark.slow
@pytest.mark.parametrize("change", [_append, _forget])
def test_made_again_it_comes_out_as_without_the_interruption(
    change: Change, tmp_path: Path
) -> None:
    """At whichever write it died; readers are answered all the while."""
    with served(tmp_path) as (client, store):
        before = client.written
        change(store, tmp_path)
        writes, expected = client.written - before, everything(store)
    assert writes > 8
    for left in range(1, writes):
        with served(tmp_path) as (client, store):
            rec = Recommender(store)
            client.left = left
            with pytest.raises(EngineUnavailableError):
                change(store, tmp_path)
            # Also after the reader has looked anew, in the midst of it all.
            for reader in (rec, Recommender(store)):
                assert reader.stats().ratings == sum(map(len, TABLE.values()))
                assert len(reader.recommend(dict.fromkeys((1, 2, 3, 4), 1))) > 0
                assert reader.recommend(reader.profile_of(1)) is not None
                assert [len(reader.similar(movie)) for movie in (1, 2)]
                assert reader.predict({1: 1, 2: -1}, 3) is not None
            client.left = None
            change(store, tmp_path)
            assert everything(store) == expected, f"died at write {left} of {writes}"


def test_another_change_has_to_wait_until_the_first_is_whole(tmp_path: Path) -> None:
    """The message names the command to run again; a full ingest is the other way out."""
    with served(tmp_path) as (client, store):
        client.left = 3
        with pytest.raises(EngineUnavailableError):
            _append(store, tmp_path)
        client.left = None
        for other in (_forget, lambda store, folder: append(str(folder / "whole"), index=store)):
            with pytest.raises(
                IndexProblem, match=r"run `kindred ingest .*ratings\.csv --append` ag"
            ):
                other(store, tmp_path)
            with pytest.raises(IndexProblem) as refused:
                other(store, tmp_path)
            assert_one_line(refused.value)
        assert ingest(str(tmp_path / "whole"), index=store).version == "000002"
        assert _forget(store, tmp_path).users == 3


def test_nobody_comes_back_by_a_rollback_while_they_are_half_forgotten(tmp_path: Path) -> None:
    """The forget is made whole first; half an append can be taken back."""
    with served(tmp_path) as (client, store):
        ingest(str(tmp_path / "whole"), index=store)
        client.current = "kindred-000002-"
        for change in (_forget, _append):
            client.left = 3
            with pytest.raises(EngineUnavailableError):
                change(store, tmp_path)
            client.left = None
            if change is _forget:
                with pytest.raises(IndexProblem, match="run `kindred forget 3 5 6` again"):
                    store.rollback()
                assert _forget(store, tmp_path).version == "000002"
                with pytest.raises(IndexProblem, match="no version before"):
                    store.rollback()
                assert ingest(str(tmp_path / "whole"), index=store).version == "000003"
                client.current = "kindred-000003-"
        assert store.rollback() == "000002"


def test_the_command_that_is_named_can_be_typed_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another folder too, with spaces in its name, all ids, and ids that look like options."""
    people: Ratings = {f"-{n} o'neil": {1: 5, 2: n % 5 + 1} for n in range(12)}
    sources = {name: write_source(tmp_path / name, people) for name in ("a", "b c")}
    client = Mortal(":memory:")
    with memory(engine=client) as store:
        ingest(str(sources["a"]), index=store)
        (sources["b c"] / "ratings.csv").write_text("user,movie,rating\nx,1,2\n")
        monkeypatch.chdir(sources["b c"])
        again = ["ingest", str(sources["b c"] / "ratings.csv"), "--append"]
        for change, words in (
            (lambda: append("ratings.csv", index=store), again),
            (lambda: forget(list(people), index=store), ["forget", "--", *sorted(people)]),
        ):
            client.left = 1
            with pytest.raises(EngineUnavailableError):
                change()
            client.left = None
            with pytest.raises(IndexProblem) as refused:
                append(str(sources["a"]), index=store)
            assert shlex.split(str(refused.value).split("`")[1]) == ["kindred", *words]
            change()


def test_one_that_died_before_its_first_point_is_known(tmp_path: Path) -> None:
    """Nothing but the announcement was written: it counts as begun, and can be made again."""
    with served(tmp_path) as (client, store):
        client.left = 1
        with pytest.raises(EngineUnavailableError):
            _forget(store, tmp_path)
        client.left = None
        assert _forget(store, tmp_path).users == 3
        with pytest.raises(UnknownUserError):
            _forget(store, tmp_path)
