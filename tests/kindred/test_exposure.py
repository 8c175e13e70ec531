"""What an app that others can reach may do to its server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kindred.exposure import check_exposure
from recommender import InvalidInputError
from recommender.storage.open_store import choose_store
from tests.qdrant_double import READ, WRITE, QdrantDouble, qdrant_double, times
from ui.settings import AppSettings

PUBLIC = AppSettings.read(host="0.0.0.0", public="behind nginx with login")
HERE = AppSettings.read()
Check = Callable[[AppSettings, str | None], None]


@pytest.fixture(scope="module")
def double() -> Iterator[QdrantDouble]:
    """Serve both protocols."""
    with qdrant_double() as served:
        yield served


@pytest.fixture(params=["rest", "grpc"])
def check(
    request: pytest.FixtureRequest, double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> Check:
    """Check an app on the server, by either protocol, with a key or none."""
    monkeypatch.setattr(double, "keys", True)
    monkeypatch.setenv("QDRANT_GRPC", str(request.param == "grpc"))
    monkeypatch.setenv("QDRANT_GRPC_PORT", str(double.grpc_port))

    def check(app: AppSettings, key: str | None) -> None:
        monkeypatch.setenv("QDRANT_API_KEY", key or "")
        with closing(choose_store(url=double.url)) as store:
            check_exposure(app, store)

    return check


def test_an_app_that_others_can_reach_holds_no_key_that_writes(
    check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one that reads will do, and one that opens nothing does no harm; the note is printed."""
    with pytest.raises(InvalidInputError, match=r"^with QDRANT_API_KEY .* only read") as error:
        check(PUBLIC, WRITE)
    assert WRITE not in str(error.value)
    capsys.readouterr()
    for key in (READ, "wrong", None):
        check(PUBLIC, key)
        note = "note: others can reach the app at 0.0.0.0: behind nginx with login\n"
        assert tuple(capsys.readouterr()) == ("", note)


def test_a_server_without_keys_is_no_server_for_such_an_app(
    check: Check, double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may write to it, and so may the app, whatever key it gives."""
    monkeypatch.setattr(double, "keys", False)
    with pytest.raises(InvalidInputError, match=r"asks for no key, .*a key that may only read"):
        check(PUBLIC, None)
    with pytest.raises(InvalidInputError, match="may write"):
        check(PUBLIC, READ)


def test_the_question_changes_nothing_and_is_asked_where_it_matters_only(
    check: Check, double: QdrantDouble
) -> None:
    """One call, which names no alias; and an app for this computer alone may hold any key."""
    double.seen.clear()
    check(HERE, WRITE)
    assert double.seen == []
    check(PUBLIC, READ)
    (asked,) = double.seen
    assert asked[1].lower().replace("updatealiases", "aliases").endswith("aliases")
    assert double.engine.get_aliases().aliases == []


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_server_that_does_not_say_keeps_no_app_from_starting(
    status: int, check: Check, double: QdrantDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be starting itself; the app's pages tell what is wrong."""
    monkeypatch.setattr(double, "fault", times(-1, status, "liases"))
    check(PUBLIC, WRITE)


def test_a_folder_has_no_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The note is all there is to say."""
    check_exposure(PUBLIC, choose_store(tmp_path))
    assert capsys.readouterr().err.startswith("note: others can reach the app at 0.0.0.0")
