"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ingest import ingest
from ingest.sources.downloads import DATASETS, DownloadSettings
from recommender.settings import (
    CacheSettings,
    EnvironmentSettings,
    IndexSettings,
    LogSettings,
    ServerSettings,
)
from tests.kindred.conftest import Run
from ui.settings import AppSettings, OmdbSettings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"<!-- run: (.*?) -->\n```console\n\$ (.*?)\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


VARIABLES = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| .+ \|$", README, re.MULTILINE)
MODELS: list[type[EnvironmentSettings]] = [
    *(IndexSettings, CacheSettings, DownloadSettings, AppSettings),
    *(LogSettings, ServerSettings, OmdbSettings),
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the bundled sample, as the README takes for granted."""
    folder = tmp_path_factory.mktemp("sample")
    ingest("sample", index=folder)
    return folder


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("setting", "command", "output"), COMMANDS, ids=[c[1] for c in COMMANDS])
def test_a_command_prints_what_the_readme_shows(
    kindred: Run, sample: Path, setting: str, command: str, output: str
) -> None:
    """Every line of a command's output, white space at line ends aside."""
    program, *arguments = shlex.split(command)
    assert program == "kindred"
    name, value = setting.split("=")
    done = kindred(*arguments, index=sample, **{name: value})
    assert (done.returncode, done.stderr) == (0, "")
    assert _lines(done.stdout) == _lines(output)


@pytest.mark.parametrize(("code", "output"), PYTHON)
def test_the_python_example_prints_what_the_readme_shows(
    sample: Path,
    code: str,
    output: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The program as it stands there."""
    monkeypatch.setenv("KINDRED_INDEX", str(sample))
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    assert _lines(capsys.readouterr().out) == _lines(output)


def test_there_is_something_to_check() -> None:
    """The examples are found by the patterns above."""
    assert (len(COMMANDS), len(PYTHON)) == (2, 2)


def test_the_table_of_variables_is_that_of_the_settings() -> None:
    """Every setting is in it, nothing else is, and defaults that can be written down are right."""
    fields = {
        model.variable(name): field
        for model in MODELS
        for name, field in model.model_fields.items()
    }
    table = dict(VARIABLES)
    assert len(table) == len(VARIABLES)
    assert table.keys() == fields.keys()
    for name, shown in table.items():
        default = fields[name].default
        if shown.startswith("`"):
            assert shown.strip("`") == str(default).replace("False", "false")
        elif shown == "none":
            assert not default


def test_every_data_set_is_named() -> None:
    """Those that can be downloaded, and no others."""
    assert set(re.findall(r"\bml-[0-9a-z]+(?:-small)?\b", README)) == set(DATASETS)
