"""What may import what, and how large a folder gets, so that the structure stays as it is drawn."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import recommender

ROOT = Path(__file__).parents[1]
PACKAGES = ("ingest", "recommender", "ui", "kindred")
FOLDERS = (*PACKAGES, "benchmarks", "sample", "tests")
# What each package may import of the others.
ALLOWED = {
    "recommender": set[str](),
    "ingest": {"recommender"},
    "ui": {"recommender"},
    "kindred": {"ingest", "recommender", "ui"},
}
# Third parties that one place alone may know, so that they can be exchanged.
KEPT = {
    "qdrant_edge": "recommender/storage/edge/engine.py",
    "qdrant_client": "recommender/storage/server/",
    "streamlit": "ui/",
    "typer": "kindred/",
}
# What lies on what inside recommender: a module imports its own floor or one further down here.
FLOORS = (
    {"recommender", "recommender.recommender", "recommender.health"},
    {"recommender.ranking"},
    {
        "recommender.profile",
        "recommender.filters",
        "recommender.results",
        "recommender.group_results",
        "recommender.quality",
    },
    {"recommender.catalogue"},
    {"recommender.storage"},
    {
        *("recommender.files.archives", "recommender.arrays", "recommender.files.dialect"),
        *("recommender.files.cells", "recommender.files.times"),
        *("recommender.errors", "recommender.logs"),
        *("recommender.opinion", "recommender.settings", "recommender.validation"),
        "recommender._version",
    },
)
# Modules of recommender that the app uses beside the public names.
FOR_THE_APP = {
    "recommender.files.archives",
    "recommender.catalogue.listed_films",
    "recommender.catalogue.summary",
    "recommender.catalogue.titles",
    "recommender.files.cells",
    "recommender.files.dialect",
    "recommender.files.times",
    "recommender.errors",
    "recommender.group_results",
    "recommender.health",
    "recommender.logs",
    "recommender.profile",
    "recommender.quality.result",
    "recommender.results",
    "recommender.settings",
    "recommender.storage.storage_report",
}
LIBRARIES_OF_THE_APP = {
    *(
        "altair",
        "httpx",
        "pandas",
        "pydantic",
        "pydantic_settings",
        "rapidfuzz",
        "segno",
        "starlette",
    ),
    "streamlit",
}
MOST_MODULES, MOST_LINES, MOST_SMALL, MOST_NAMES = 14, 70, 8, 30


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}


def _imported(path: Path) -> set[tuple[str, str]]:
    """Modules that a file imports, wherever it does, and the names it takes out of them."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add((inner, "") if inner in MODULES else (node.module or "", alias.name))
    return found


IMPORTS = {name: _imported(path) for name, path in MODULES.items()}
OURS = {name: {to for to, _ in found if to in MODULES} for name, found in IMPORTS.items()}


def test_packages_import_one_way() -> None:
    """The app and ingest know recommender, and only kindred knows all three."""
    for name, found in OURS.items():
        package = name.partition(".")[0]
        others = {to.partition(".")[0] for to in found} - {package}
        assert others <= ALLOWED[package], name


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Each can be read after those it imports, and none but those."""
    try:
        TopologicalSorter(OURS).prepare()
    except CycleError as error:
        pytest.fail(f"circle: {' -> '.join(error.args[1])}")


def _floor(name: str) -> int:
    for floor, names in enumerate(FLOORS):
        if name in names or any(name.startswith(f"{room}.") for room in names - {"recommender"}):
            return floor
    pytest.fail(f"{name} has no floor: add it to FLOORS")


def test_recommender_imports_from_the_facade_down() -> None:
    """Facade, ranking, profile and results, catalogue, storage, and what all of them stand on."""
    for name, found in OURS.items():
        if name.startswith("recommender"):
            above = {to for to in found if _floor(to) < _floor(name)}
            assert not above, f"{name} imports {above}"


def test_the_app_uses_public_names_and_a_short_list_of_modules() -> None:
    """So that anybody could write another app; it opens no store and no engine."""
    known = {"ui", "recommender"} | LIBRARIES_OF_THE_APP | sys.stdlib_module_names
    for name, found in IMPORTS.items():
        if name.partition(".")[0] != "ui":
            continue
        for module, taken in found:
            assert module.partition(".")[0] in known, f"{name} imports {module}"
            if module == "recommender":
                assert taken in recommender.__all__, f"{name} imports {taken}"
            elif module.startswith("recommender."):
                assert module in FOR_THE_APP, f"{name} imports {module}"


@pytest.mark.parametrize(("library", "place"), KEPT.items())
def test_a_library_to_be_exchangeable_is_known_in_one_place(library: str, place: str) -> None:
    """One adapter, one app, one command line."""
    for name, found in IMPORTS.items():
        where = MODULES[name].relative_to(ROOT).as_posix()
        known = library in {module.partition(".")[0] for module, _ in found}
        assert not known or where.startswith(place), f"{where} imports {library}"


def test_what_streamlit_puts_on_the_path_hides_nothing() -> None:
    """Its script's folder comes first there: a ``profile.py`` in it would break others."""
    there = {path.stem for path in (ROOT / "ui" / "app").iterdir()} - {"__init__"}
    assert not there & (sys.stdlib_module_names | LIBRARIES_OF_THE_APP | {*PACKAGES})


def test_no_folder_has_too_many_modules() -> None:
    """A reader who opens one sees at a glance what is there."""
    sizes: dict[Path, int] = defaultdict(int)
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            sizes[path.parent] += path.stem != "__init__"
    large = {path: size for path, size in sizes.items() if size > MOST_MODULES}
    assert not large


def test_few_small_modules_serve_one_other_alone() -> None:
    """Such a one belongs in the other, unless it is a page or an idea with tests of its own."""
    importers: dict[str, set[str]] = defaultdict(set)
    for name, found in OURS.items():
        for to in found:
            importers[to].add(name)
    small = [
        name
        for name, path in MODULES.items()
        if path.stem not in ("__init__", "_version")
        and ".pages." not in name
        and len(importers[name]) == 1
        and len(path.read_text(encoding="utf-8").splitlines()) < MOST_LINES
    ]
    assert len(small) <= MOST_SMALL, small


def test_there_are_few_public_names() -> None:
    """What only the app or ingest need is imported from its own module."""
    assert len(recommender.__all__) <= MOST_NAMES
