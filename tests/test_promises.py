"""What the documents promise is shown by tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "SECURITY.md", ROOT / "docs" / "reliability.md"]
TABLE = re.compile(r"^\| promise \| shown by \|\n\|---\|---\|\n((?:\|.*\n)+)", re.MULTILINE)
ROW = re.compile(r"^\| (?P<promise>.+) \| (?P<shown>.+) \|$", re.MULTILINE)
LINK = re.compile(r"\[`(?P<name>\w+)`\]\((?P<path>[^)#]+)\)")


def names(module: Path) -> set[str]:
    """Names of what a module defines."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_promise_names_a_test_that_is_there(page: Path) -> None:
    """Each row of a table of promises ends in links to tests."""
    tables = TABLE.findall(page.read_text(encoding="utf-8"))
    rows = [row for table in tables for row in ROW.findall(table)]
    assert len(rows) == sum(table.count("\n") for table in tables) > 0
    for promise, shown in rows:
        links = LINK.findall(shown)
        assert links, promise
        for name, path in links:
            module = (page.parent / path).resolve()
            assert module.is_relative_to(ROOT), path
            assert name in names(module), f"{path}::{name}"
