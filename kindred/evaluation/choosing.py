"""Which methods there are, and which of them can be had here."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final, Protocol, TypeVar

from ingest import Progress
from kindred.evaluation.methods import Method
from kindred.evaluation.ours import Kindred
from kindred.evaluation.textbook import (
    ItemCosine,
    Popular,
    Tutorial,
    TutorialWeighted,
    UserCosine,
    UserPearson,
)
from kindred.evaluation.trained import ALS, EASE, SVD, ItemKNN
from recommender import InvalidInputError

__all__ = ["METHODS", "choose", "require"]

METHODS: Final[tuple[Method, ...]] = (
    *(Kindred(), Popular(), Tutorial(), TutorialWeighted()),
    *(UserCosine(), UserPearson(), ItemCosine(), ItemKNN(), ALS(), EASE(), SVD()),
)
_HOW = "pip install 'kindred-recommender[benchmarks]'"


class Named(Protocol):
    """Anything to choose by name, made of some packages."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Packages it cannot do without."""


Choice = TypeVar("Choice", bound=Named)


def choose(known: Sequence[Choice], names: str | None, *, progress: Progress) -> list[Choice]:
    """Choose methods by name, or all whose packages are installed; the first is always in.

    ``names`` have commas between them. Which are left out, and why, is told to ``progress``.

    Raises InvalidInputError where there is no such method, or its packages are missing.
    """
    if names is None:
        return _installed(known, progress)
    wanted = {name.strip() for name in names.split(",")}
    by_name = {choice.name: choice for choice in known}
    for name in wanted - by_name.keys():
        raise InvalidInputError(f"there is no method '{name}': choose {', '.join(by_name)}")
    chosen = [choice for choice in known if choice.name in wanted | {known[0].name}]
    for choice in chosen:
        require(*choice.needs, what=f"the method '{choice.name}'")
    return chosen


def _installed(known: Sequence[Choice], progress: Progress) -> list[Choice]:
    there = {choice.name: all(map(find_spec, choice.needs)) for choice in known}
    without = ", ".join(name for name, found in there.items() if not found)
    if without:
        progress.note(f"left out, because packages are missing: {without}. To have them: {_HOW}")
    return [choice for choice in known if there[choice.name]]


def require(*packages: str, what: str) -> None:
    """Make sure that packages of the ``benchmarks`` extra are installed.

    Raises InvalidInputError saying what needs them and how to get them.
    """
    for package in packages:
        if find_spec(package) is None:
            raise InvalidInputError(f"{what} needs the package {package}: {_HOW}")
