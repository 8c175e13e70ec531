"""What the app may lean on."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import recommender
import ui
from tests.ui.conftest import APP

LIBRARIES = {
    "altair",
    "httpx",
    "pandas",
    "pydantic",
    "pydantic_settings",
    "rapidfuzz",
    "starlette",
    "streamlit",
}
MODULES = sorted(Path(ui.__file__).parent.glob("*.py"))


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, "") for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", name.name) for name in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_public_recommender_is_used(path: Path) -> None:
    """No module reaches past the door: nothing of ours but `ui` and recommender's public names."""
    for module, name in _imports(path):
        top = module.partition(".")[0]
        assert top in {"ui", "recommender"} | LIBRARIES | sys.stdlib_module_names, module
        if top == "recommender":
            assert module == "recommender"
            assert name in recommender.__all__


def test_no_module_hides_one_of_the_standard_library() -> None:
    """Streamlit puts the app's folder first on the path: a `profile.py` here would break others."""
    assert not {path.stem for path in MODULES} & sys.stdlib_module_names


@pytest.mark.process
def test_home_does_not_wait_for_libraries_of_other_pages(index: Path) -> None:
    """Tables and charts take seconds to import, which the first visitor of a server would wait."""
    script = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        "app = AppTest.from_file(sys.argv[1]).run(timeout=60); "
        "print(len(app.exception), *{'altair', 'pandas', 'pyarrow'} & {*sys.modules})"
    )
    environment = {**os.environ, "KINDRED_INDEX": str(index)}
    argv = [sys.executable, "-c", script, str(APP)]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
