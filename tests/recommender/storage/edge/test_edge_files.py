"""Copies of an engine's files: whole, whatever the system tells of their holes."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from recommender.storage.edge.files import copy_version

needs_holes = pytest.mark.skipif(
    not hasattr(os, "SEEK_DATA"), reason="this system tells of no holes in files"
)
CONTENT = [b"", b"x" * 5000, b"ab\0\0" * 700_000]


def _copied(tmp_path: Path, content: bytes, *, beyond: int = 0) -> Path:
    (tmp_path / "old" / "users").mkdir(parents=True)
    with (tmp_path / "old" / "users" / "data").open("wb") as file:
        file.write(content)
        file.truncate(len(content) + beyond)
    copy_version(tmp_path / "old", tmp_path / "new", ["users/data"])
    return tmp_path / "new" / "users" / "data"


@pytest.mark.parametrize("content", CONTENT, ids=len)
@pytest.mark.parametrize("beyond", [0, 1, 1 << 22])
def test_a_copy_is_equal(tmp_path: Path, content: bytes, beyond: int) -> None:
    """Of any length, with or without a hole at the end."""
    assert _copied(tmp_path, content, beyond=beyond).read_bytes() == content + bytes(beyond)


@needs_holes
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_system_that_tells_of_no_holes_copies_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """It is not taken to say that there is nothing but a hole."""

    def refuse(*_: int) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "lseek", refuse)
    assert _copied(tmp_path, b"x" * 5000, beyond=10).read_bytes() == b"x" * 5000 + bytes(10)
