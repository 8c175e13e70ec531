"""What other programs rely on: names, errors and docstrings."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import ingest
import recommender
from recommender import errors

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "recommender", "ui", "kindred")


def sources(package: str) -> list[Path]:
    """Every module of a package."""
    return sorted((ROOT / package).rglob("*.py"))


def modules(package: str) -> Iterator[ModuleType]:
    """Every module of a package, imported."""
    for path in sources(package):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield importlib.import_module(".".join(part for part in parts if part != "__init__"))


@pytest.mark.parametrize("package", ["ingest", "recommender"])
def test_every_module_says_what_it_exports_and_exports_it(package: str) -> None:
    """``__all__`` everywhere, sorted as the linter has it, without names that are not there."""
    for module in modules(package):
        is_folder = hasattr(module, "__path__")
        if module.__name__.endswith("_version") or (is_folder and not hasattr(module, "__all__")):
            continue  # a folder need not export anything
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


@pytest.mark.parametrize("name", sorted(set(recommender.__all__) - {"__version__", "MovieKey"}))
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
def test_every_error_is_a_kindred_error_and_documented(error: type[Exception]) -> None:
    """One base for all, so that one except clause is enough; a warning is none of them."""
    assert issubclass(error, errors.KindredError | UserWarning)
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
        "UnknownFileError": "SourceError",
        "IndexProblem": "KindredError",
        "IndexNotFoundError": "IndexProblem",
        "IndexBusyError": "IndexProblem",
        "IndexFormatError": "IndexProblem",
        "IndexDamagedError": "IndexProblem",
        "EngineError": "IndexProblem",
        "EngineUnavailableError": "EngineError",
        "VersionGoneError": "IndexProblem",
        "MovieIdWarning": "UserWarning",
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
