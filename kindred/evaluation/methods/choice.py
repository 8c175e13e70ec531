"""Which methods there are, and which of them can run with the packages that are installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Final, TypeVar

from ingest import Progress
from kindred.evaluation.methods.kindred import Kindred, at_dial
from kindred.evaluation.methods.matrices import ALS, EASE, EASEDAN
from kindred.evaluation.methods.method import Method
from kindred.evaluation.methods.neighbours import (
    ItemKNN,
    Popular,
    Tutorial,
    TutorialWeighted,
    UserCosine,
)
from kindred.evaluation.methods.predictors import Predictor
from kindred.evaluation.together.methods import GroupMethod
from recommender import InvalidInputError
from recommender.validation import invalid

__all__ = ["METHODS", "choose", "choose_methods", "require"]

METHODS: Final[tuple[Method, ...]] = (
    *(Kindred(), Popular(), Tutorial(), TutorialWeighted()),
    *(UserCosine(), ItemKNN(), ALS(), EASE(), EASEDAN()),
)
_INSTALL = "pip install 'kindred-recommender[benchmarks]'"


Choice = TypeVar("Choice", bound=Method | Predictor | GroupMethod)


def choose_methods(names: str | Sequence[str] | None, *, progress: Progress) -> list[Method]:
    """Choose among :data:`METHODS`, and Kindred at places on the dial such as ``kindred@0.75``.

    See :func:`choose`. Raises InvalidInputError also where a place is not on the dial.
    """
    places = map(at_dial, _names(names or ()))
    return choose((*METHODS, *filter(None, places)), names, progress=progress)


def choose(
    known: Sequence[Choice], names: str | Sequence[str] | None, *, progress: Progress
) -> list[Choice]:
    """Choose methods by name, or all whose packages are installed; the first is always among them.

    ``names`` are a list, or have commas between them. A note to ``progress`` names those left out,
    and why.

    Raises InvalidInputError where there is no such method, or its packages are missing.
    """
    if names is None:
        installed = [choice for choice in known if all(map(find_spec, choice.needs))]
        missing = ", ".join(choice.name for choice in known if choice not in installed)
        if missing:
            progress.note(
                f"left out, because packages are missing: {missing}. To have them: {_INSTALL}"
            )
        return installed
    wanted = set(_names(names))
    by_name = {choice.name: choice for choice in known}
    for name in sorted(wanted - by_name.keys()):
        raise InvalidInputError(f"there is no method '{name}': choose {', '.join(by_name)}")
    chosen = [choice for choice in known if choice.name in wanted | {known[0].name}]
    for choice in chosen:
        require(*choice.needs, what=f"the method '{choice.name}'")
    return chosen


def _names(names: str | Sequence[str]) -> list[str]:
    if not isinstance(names, str | Iterable):
        raise invalid("methods", names, "a list, such as ['popular', 'ease']")
    several = names.split(",") if isinstance(names, str) else names
    return [*dict.fromkeys(str(name).strip() for name in several)]


def require(*packages: str, what: str) -> None:
    """Make sure that packages of the ``benchmarks`` extra are installed.

    Raises InvalidInputError that names what needs them and how to install them.
    """
    for package in packages:
        if find_spec(package) is None:
            raise InvalidInputError(f"{what} needs the package {package}: {_INSTALL}")
