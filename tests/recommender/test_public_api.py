"""What other programs rely on: names, errors, docstrings, and which package may know which."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import ingest
import recommender
from recommender import errors

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "recommender", "ui", "kindred")
# What each package may import of the others.
ALLOWED = {
    "recommender": set[str](),
    "ingest": {"recommender"},
    "ui": {"recommender"},
    "kindred": {"ingest", "recommender", "ui"},
}
# Third parties that one package only may know, so that it can be exchanged.
KEPT = {
    "qdrant_edge": "recommender/edge/engine.py",
    "qdrant_client": "recommender/server/",
    "streamlit": "ui/",
    "typer": "kindred/",
}


def sources(package: str) -> list[Path]:
    """Every module of a package."""
    return sorted((ROOT / package).rglob("*.py"))


@cache
def imported(path: Path) -> set[str]:
    """Dotted names a module imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package: str) -> None:
    """The app and ingest know recommender, and only kindred knows all three."""
    others = set(PACKAGES) - {package}
    for path in sources(package):
        found = {name.partition(".")[0] for name in imported(path)} & others
        assert found <= ALLOWED[package], f"{path.relative_to(ROOT)} imports {found}"


def test_the_app_uses_the_public_interface_only() -> None:
    """Nothing below the package, so that anybody could write another app."""
    for path in sources("ui"):
        inner = {name for name in imported(path) if name.startswith("recommender.")}
        assert not inner, f"{path.relative_to(ROOT)} imports {inner}"


@pytest.mark.parametrize(("library", "place"), KEPT.items())
def test_a_library_to_be_exchangeable_is_known_in_one_place(library: str, place: str) -> None:
    """One adapter, one app, one command line."""
    for package in PACKAGES:
        for path in sources(package):
            known = library in {name.partition(".")[0] for name in imported(path)}
            where = path.relative_to(ROOT).as_posix()
            assert not known or where.startswith(place), f"{where} imports {library}"


def modules(package: str) -> Iterator[ModuleType]:
    """Every module of a package, imported."""
    for path in sources(package):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield importlib.import_module(".".join(part for part in parts if part != "__init__"))


@pytest.mark.parametrize("package", ["ingest", "recommender"])
def test_every_module_says_what_it_exports_and_exports_it(package: str) -> None:
    """``__all__`` everywhere, sorted as the linter has it, without names that are not there."""
    for module in modules(package):
        if module.__name__.endswith("_version"):
            continue
        names = module.__all__
        assert len(names) == len(set(names)), module.__name__
        for name in names:
            assert hasattr(module, name), f"{module.__name__} has no {name}"


@pytest.mark.parametrize("module", [recommender, ingest], ids=["recommender", "ingest"])
def test_all_is_what_the_package_imports_for_others(module: ModuleType) -> None:
    """Neither more nor less: a public name that is not exported is a mistake."""
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    names = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(module.__all__) == names


def test_the_contract_names_are_there() -> None:
    """Those the README and the design promise to other programs."""
    for name in (
        "Recommender",
        "Profile",
        "Movie",
        "Reason",
        "Recommendation",
        "Prediction",
        "KindredError",
    ):
        assert name in recommender.__all__
    for name in (
        "open",
        "connect",
        "recommend",
        "popular",
        "similar",
        "predict",
        "predict_many",
        "starters",
        "trending",
        "rows",
        "search",
        "match",
        "movie",
    ):
        assert callable(getattr(recommender.Recommender, name))


@pytest.mark.parametrize(
    "name", sorted(set(recommender.__all__) - {"__version__", "MovieKey", "Opinions", "WebAddress"})
)
def test_every_public_class_function_and_method_is_documented(name: str) -> None:
    """In their own words, not those of a base class."""
    thing = getattr(recommender, name)
    assert "__doc__" in vars(thing) or not inspect.isclass(thing)
    assert inspect.getdoc(thing)
    for method, member in vars(thing).items():
        public = not method.startswith("_") and callable(getattr(thing, method))
        if public and member.__class__.__module__ != "pydantic":
            assert inspect.getdoc(getattr(thing, method)), f"{name}.{method}"


def test_ingest_is_documented() -> None:
    """Its functions and their reports."""
    for function in (ingest.ingest, ingest.append, ingest.forget):
        assert "Raises" in (inspect.getdoc(function) or "")
    for report in (ingest.Report, ingest.Appended, ingest.Forgotten):
        assert inspect.getdoc(report)


def test_all_but_what_a_question_is_about_is_by_keyword() -> None:
    """So that arguments may be added without breaking callers."""
    for name, method in inspect.getmembers(recommender.Recommender, inspect.isfunction):
        if name.startswith("_") or name == "open":
            continue
        subjects = 2 if name.startswith(("predict", "explain")) else 1  # a person and a movie
        by_place = [
            parameter
            for parameter in inspect.signature(method).parameters.values()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.name != "self"
        ]
        assert len(by_place) <= subjects, name


ERRORS = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("error", ERRORS, ids=errors.__all__)
def test_every_error_is_a_kindred_error_exported_and_documented(error: type[Exception]) -> None:
    """One base for all, so that one except clause is enough."""
    assert issubclass(error, errors.KindredError)
    assert error.__name__ in recommender.__all__
    assert error.__doc__
    assert error.__name__ in (errors.__doc__ or "")


def test_the_tree_of_errors_is_the_one_drawn() -> None:
    """Each under the parent that the docstring shows."""
    parents = {error.__name__: error.__mro__[1].__name__ for error in ERRORS}
    assert parents == {
        "KindredError": "Exception",
        "InvalidInputError": "KindredError",
        "UnknownMovieError": "InvalidInputError",
        "AmbiguousMovieError": "InvalidInputError",
        "UnknownUserError": "InvalidInputError",
        "SourceError": "KindredError",
        "IndexProblem": "KindredError",
        "IndexNotFoundError": "IndexProblem",
        "IndexBusyError": "IndexProblem",
        "IndexFormatError": "IndexProblem",
        "IndexDamagedError": "IndexProblem",
        "EngineError": "IndexProblem",
        "EngineUnavailableError": "EngineError",
        "VersionGoneError": "IndexProblem",
    }
    assert issubclass(errors.InvalidInputError, ValueError)


def test_no_error_is_defined_elsewhere() -> None:
    """One file holds them all."""
    for package in PACKAGES:
        for path in sources(package):
            if path.name == "errors.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {ast.unparse(base) for base in node.bases}
                    assert not any(b.endswith(("Error", "Exception")) for b in bases), path
