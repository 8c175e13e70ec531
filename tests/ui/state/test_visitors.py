"""What is kept of visitors: for whom, for how long, how much, and that nothing is left behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ui.state.visitors import DAYS_KEPT, FAULTS, Visitors

DAY = 86_400.0


class Clock:
    """A clock that is set by hand."""

    now = 20_000 * DAY

    def __call__(self) -> float:
        """Give the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Midnight, UTC."""
    return Clock()


@pytest.fixture
def visitors(tmp_path: Path, clock: Clock) -> Visitors:
    """Nobody yet."""
    return Visitors(tmp_path / "visitors", clock)


def test_each_token_finds_its_own_taste(visitors: Visitors) -> None:
    """Also in a server started anew; an unknown one finds nothing."""
    visitors.welcome("a", "small", "taste of a")
    visitors.welcome("b", "small", "taste of b")
    assert visitors.keep("b", "small", lambda source, taste: f"new {taste}, {source}")
    again = Visitors(visitors._folder, visitors._clock)
    assert again.find("a", "small") == ("small", "taste of a")
    assert again.find("b", "small") == ("small", "new taste of b, small")
    assert again.find("c", "small") is None


def test_each_source_has_a_taste_and_another_one_is_better_than_none(visitors: Visitors) -> None:
    """What was said with another index is not overwritten."""
    visitors.welcome("a", "small", "one")
    assert visitors.find("a", "large") == ("small", "one")
    assert visitors.keep("a", "large", lambda *_: "two")
    assert visitors.find("a", "large") == ("large", "two")
    assert visitors.find("a", "small") == ("small", "one")


def test_who_is_forgotten_is_not_remembered_by_an_old_page(visitors: Visitors) -> None:
    """A tab that is still open cannot bring the row back."""
    visitors.welcome("a", "small", "one")
    visitors.forget("a")
    assert not visitors.keep("a", "small", lambda *_: "two")
    assert visitors.find("a", "small") is None


def test_nothing_of_the_forgotten_is_left_in_the_files(visitors: Visitors, tmp_path: Path) -> None:
    """Not of what was deleted, nor of what was there before a change; and never a token."""
    for number in range(50):
        visitors.welcome(f"token{number}", "small", "other")
    visitors.welcome("secret-token", "small", "film-4711 " * 5_000)
    visitors.keep("secret-token", "small", lambda *_: "film-815 " * 2_000)
    kept = (tmp_path / "visitors" / "visitors.sqlite").read_bytes()
    assert b"film-815" in kept
    assert b"film-4711" not in kept
    assert b"token" not in kept
    visitors.forget("secret-token")
    files = [*(tmp_path / "visitors").iterdir()]
    assert files
    assert not any(b"film-" in file.read_bytes() for file in files)


def test_nothing_changes_where_a_change_fails_or_is_none(visitors: Visitors) -> None:
    """And the file is free for the next."""

    def fail(source: str, taste: str) -> str:
        raise LookupError(source, taste)

    visitors.welcome("a", "small", "one")
    with pytest.raises(LookupError):
        visitors.keep("a", "small", fail)
    assert visitors.keep("a", "small", lambda *_: None)
    assert visitors.find("a", "small") == ("small", "one")
    assert visitors.keep("a", "small", lambda *_: "two")
    assert visitors.find("a", "small") == ("small", "two")


def test_half_a_year_without_a_visit_ends_it(visitors: Visitors, clock: Clock) -> None:
    """A visit begins the time anew; afterwards the row is gone from the file as well."""
    visitors.welcome("a", "small", "one")
    for _ in range(3):
        clock.now += DAYS_KEPT * DAY
        assert visitors.find("a", "small") is not None
    clock.now += (DAYS_KEPT + 1) * DAY
    assert visitors.find("a", "small") is None
    assert not visitors.keep("a", "small", lambda *_: "two")
    file = visitors._folder / "visitors.sqlite"
    assert b"small" not in file.read_bytes()


def test_time_ends_it_though_nobody_comes(visitors: Visitors, clock: Clock) -> None:
    """By a look once a day, which makes no file where nobody is remembered."""
    visitors.tidy()
    assert not visitors._folder.exists()
    visitors.welcome("a", "small", "one")
    file = visitors._folder / "visitors.sqlite"
    clock.now += DAYS_KEPT * DAY
    visitors.tidy()
    assert b"small" in file.read_bytes()
    clock.now += DAY
    visitors.tidy()
    assert b"small" not in file.read_bytes()


def test_only_the_server_may_read(visitors: Visitors) -> None:
    """Also where folder or file were open to others before."""
    visitors._folder.mkdir(mode=0o755)
    (visitors._folder / "visitors.sqlite").touch(mode=0o644)
    visitors.welcome("a", "small", "one")
    assert visitors._folder.stat().st_mode & 0o777 == 0o700
    assert (visitors._folder / "visitors.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("how", ["a file", "broken", "locked", "a folder"])
def test_a_fault_is_one_the_caller_expects(how: str, visitors: Visitors) -> None:
    """Nothing is thrown away then; it works again when the fault is over."""
    folder, file = visitors._folder, visitors._folder / "visitors.sqlite"
    if how == "a file":
        folder.write_text("")
    else:
        folder.mkdir()
    if how == "broken":
        file.write_bytes(b"garbage" * 1_000)
    elif how == "a folder":
        file.mkdir()
    other = None
    if how == "locked":
        visitors.welcome("a", "small", "one")
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(FAULTS):
        visitors.find("a", "small")
    with pytest.raises(FAULTS):
        visitors.forget("a")
    if other:
        other.close()
        assert visitors.find("a", "small") == ("small", "one")


def test_a_file_that_is_taken_away_is_made_anew(visitors: Visitors) -> None:
    """An operator may delete it while the server runs."""
    visitors.welcome("a", "small", "one")
    (visitors._folder / "visitors.sqlite").unlink()
    assert visitors.find("a", "small") is None
    visitors.welcome("a", "small", "two")
    assert visitors.find("a", "small") == ("small", "two")
