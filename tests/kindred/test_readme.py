"""What the README and the page on files show is what happens."""

from __future__ import annotations

import re
import shlex
import zipfile
from pathlib import Path

import pytest

from ingest import ingest
from ingest.sources.datasets import DATASETS
from ingest.sources.downloads import DownloadSettings
from ingest.sources.headings import RATING, normalised, roles_of
from recommender.settings import (
    CacheSettings,
    EnvironmentSettings,
    IndexSettings,
    LogSettings,
    ServerSettings,
)
from tests.kindred.conftest import Run
from ui.settings import AppSettings, OmdbSettings

ROOT = Path(__file__).parents[2]
README, FILES = (
    (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/files.md")
)
COMMANDS = [
    (page, *found)
    for page in (README, FILES)
    for found in re.findall(r"<!-- run: (.*?) -->\n```console\n\$ (.*?)\n(.*?)```", page, re.DOTALL)
]
PYTHON = [
    found
    for page in (README, FILES)
    for found in re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
]
# Files that a page shows are there when its commands run.
SHOWN = re.compile(r"<!-- file: (.*?) -->\n```csv\n(.*?)```", re.DOTALL)
HEADINGS = re.findall(r"^\| (user|movie|rating|time|title|genres|year) \| (`.+) \|$", FILES, re.M)

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


@pytest.mark.parametrize("example", COMMANDS, ids=[command for _, _, command, _ in COMMANDS])
def test_a_command_prints_what_the_page_shows(
    kindred: Run, sample: Path, tmp_path: Path, example: tuple[str, str, str, str]
) -> None:
    """Every line of a command's output, white space at line ends aside."""
    page, setting, command, output = example
    for file, text in SHOWN.findall(page):
        (tmp_path / file).write_text(text, encoding="utf-8")
    program, *arguments = shlex.split(command)
    assert program == "kindred"
    name, value = setting.split("=")
    done = kindred(*arguments, index=sample, **{name: value})
    assert done.returncode == 0
    assert all(line.endswith("%") for line in done.stderr.splitlines())
    assert _lines(done.stdout) == _lines(output)


@pytest.mark.parametrize(("code", "output"), PYTHON)
def test_the_python_example_prints_what_the_readme_shows(
    sample: Path,
    tmp_path: Path,
    code: str,
    output: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The program as it stands there, beside the tables of the sample."""
    monkeypatch.setenv("KINDRED_INDEX", str(sample))
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(ROOT / "ingest" / "data" / "sample.zip") as tables:
        tables.extractall()
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    assert _lines(capsys.readouterr().out) == _lines(output)


def test_there_is_something_to_check() -> None:
    """The examples are found by the patterns above."""
    assert (len(COMMANDS), len(PYTHON), len(HEADINGS)) == (5, 6, 7)


def test_from_a_frame_to_a_list_takes_eight_lines() -> None:
    """In the README, imports included and blank lines not."""
    (code,) = (code for code, _ in PYTHON if "pd.read_csv" in code)
    assert sum(line != "" for line in code.splitlines()) == 8


@pytest.mark.parametrize(("column", "names"), HEADINGS, ids=[column for column, _ in HEADINGS])
def test_headings_that_are_named_are_known(column: str, names: str) -> None:
    """Each of them, as the column that it is named for."""
    headings = re.findall(r"`(.+?)`", names)
    assert headings
    for heading in headings:
        known = roles_of([heading]).keys()
        if column == "rating":
            assert normalised(heading) in RATING
        else:
            assert known
            assert known <= ({"movie", "imdb", "tmdb"} if column == "movie" else {column})


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
