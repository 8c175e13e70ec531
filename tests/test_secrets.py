"""Keys: held as secrets, and in nothing that is printed, logged or raised."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

import ingest
import ui.settings
from kindred.cli import main
from recommender import InvalidInputError, Recommender
from recommender.settings import EnvironmentSettings, ServerSettings
from tests.qdrant_double import qdrant_double

_READ = (ingest, ui.settings)
"""What has settings of its own beside the recommender."""
KEYS = {"OMDB_API_KEY", "QDRANT_API_KEY"}
HUSH = "hush-hush-hush"


def _models() -> list[type[EnvironmentSettings]]:
    ours = EnvironmentSettings.__subclasses__()
    return sorted(ours, key=lambda model: f"{model.__module__}.{model.__name__}")


def _secrets() -> Iterator[tuple[type[EnvironmentSettings], str]]:
    for model in _models():
        for name, field in model.model_fields.items():
            if field.annotation == SecretStr | None:
                yield model, name


SECRETS = list(_secrets())


def _said(error: BaseException) -> str:
    """All that a log could hold of an error, and of those it came from."""
    texts = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [str(seen), repr(seen), *traceback.format_exception_only(seen)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


def test_every_key_is_a_secret() -> None:
    """What sounds like one is held as one, and nothing else is."""
    names = {model.variable(field) for model in _models() for field in model.model_fields}
    assert {name for name in names if re.search("KEY|TOKEN|SECRET|PASS", name)} == KEYS
    assert {model.variable(field) for model, field in SECRETS} == KEYS


@pytest.mark.parametrize(("model", "field"), SECRETS)
def test_settings_do_not_show_their_keys(model: type[EnvironmentSettings], field: str) -> None:
    """However they are turned into text."""
    held = model.read(**{field: HUSH})
    assert getattr(held, field).get_secret_value() == HUSH
    shown = (held, [held], held.model_dump(), held.model_dump(mode="json"), held.model_dump_json())
    assert "hush" not in " ".join(f"{one} {one!r}" for one in shown)


@pytest.mark.parametrize("broken", ["hush-ö", "hush\nhush-hush", ["hush"], {"hush": 1}])
@pytest.mark.parametrize(("model", "field"), SECRETS)
def test_a_key_that_cannot_be_used_is_not_repeated(
    model: type[EnvironmentSettings], field: str, broken: object
) -> None:
    """Neither by our error nor by pydantic's, nor by what either came from."""
    errors: list[Exception] = []
    for read in (model.read, model):
        try:
            read(**{field: broken})
        except (InvalidInputError, ValidationError) as error:
            errors.append(error)
    assert "hush" not in " ".join(map(_said, errors))
    assert errors or isinstance(broken, str)


@pytest.mark.parametrize("grpc", ["false", "true"])
def test_no_error_of_a_server_holds_the_key(grpc: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away, or refusing it; nor does anything that holds it show it."""
    monkeypatch.setenv("QDRANT_GRPC", grpc)
    monkeypatch.setenv("QDRANT_TIMEOUT", "1")
    with qdrant_double() as served:
        served.keys = True
        monkeypatch.setenv("QDRANT_GRPC_PORT", str(served.grpc_port))
        for url in (served.url, "http://127.0.0.1:9"):
            with pytest.raises(Exception, match=url) as problem:
                Recommender.connect(url, api_key=HUSH)
            assert "hush" not in _said(problem.value)


@pytest.mark.parametrize("command", [["info", "--json"], ["ingest", "sample"], ["search", "alien"]])
def test_the_command_never_prints_a_key(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On either stream, where the server refuses it."""
    for name in KEYS:
        monkeypatch.setenv(name, HUSH)
    with qdrant_double() as served:
        served.keys = True
        monkeypatch.setattr(sys, "argv", ["kindred", *command, "--url", served.url])
        with pytest.raises(SystemExit, match="1"):
            main()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"error: {served.url} wants a key")
    assert "hush" not in told.err


def test_a_server_is_not_told_of_by_its_key() -> None:
    """What is shown of a store is its place."""
    settings = ServerSettings.read(url="http://127.0.0.1:9", api_key=HUSH)
    assert "hush" not in repr(settings) + repr(settings.model_copy(update={"timeout": 3}))
