"""Five hundred good files damaged: each is read without one false like, or refused in one line."""

from __future__ import annotations

import faulthandler
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest import check
from ingest.reading import Loaded, load
from recommender import Opinion, SourceError
from recommender.settings import Weighting
from tests.ingest.cases.damage import WHOLE, Damaged, Said, damaged, key

# The first of the seeds: with these, all that more than five thousand others found is found.
FIRST, FILES, AT_A_TIME, BY_COMMAND = 800, 500, 25, 10
SECONDS = 20


def write(folder: Path, seed: int) -> tuple[Path, Damaged]:
    """Write the damaged file of a seed; return where, and what it is."""
    made, place = damaged(seed), folder / str(seed)
    place.mkdir()
    for name, data in made.files.items():
        (place / name).write_bytes(data)
    return place if len(made.files) > 1 else place / next(iter(made.files)), made


def said(loaded: Loaded) -> Said:
    """Who likes what, as was read."""
    found = loaded.ratings
    states = found.scale.states(found.stars, Weighting()).tolist()
    read = Said(users={key(user) for user in found.user_ids})
    for user, movie, state in zip(found.user.tolist(), found.movie.tolist(), states, strict=True):
        if state == Opinion.LIKE.code:
            read.likes.add((key(found.user_ids[user]), key(found.movie_ids[movie])))
    return read


def problem(path: Path, made: Damaged) -> str:
    """Say what is wrong with how a file is read; "" where nothing is."""
    try:
        loaded = load(str(path))
    except SourceError as error:
        text = str(error)
        if not (text.isprintable() and len(text) < 2000):
            return f"a refusal that is no line to show: {text!r:.300}"
        return f"refused: {text:.300}" if made.keeps == "all" else _checked(path, None)
    read = said(loaded)
    more, users = read.likes - WHOLE.likes - made.said.likes, read.users - WHOLE.users
    if made.keeps != "some" and read != WHOLE and not made.blind:
        return f"{len(read.likes)} likes of {len(WHOLE.likes)}, {len(more)} of them false"
    if (more or users - made.said.users) and not made.blind:
        return f"false likes {sorted(more)[:5]}, false users {sorted(users - made.said.users)[:5]}"
    rows = len(loaded.ratings) + sum(loaded.ratings.dropped.values())
    if rows < made.rows:
        return f"only {rows} rows are kept or counted as dropped, of at least {made.rows}"
    return _checked(path, len(loaded.ratings))


def _checked(path: Path, wanted: int | None) -> str:
    """Say how a check differs from an ingest, which came to a number of ratings or to an error."""
    try:
        found: int | None = check(path).ratings
    except SourceError:
        found = None
    return "" if found == wanted else f"a check comes to {found} ratings, an ingest to {wanted}"


def in_time(path: Path, made: Damaged) -> str:
    """Say what is wrong, with whatever is raised, and whether it takes too long."""
    found: list[str] = []

    def run() -> None:
        try:
            found.append(problem(path, made))
        except Exception as error:  # any other type is what is looked for
            found.append(f"{type(error).__name__}: {error!s:.300}")

    # A daemon: it may never end, and must then not keep the tests from doing so.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        faulthandler.dump_traceback()
        return f"not done within {SECONDS} s"
    return found[0]


PARTS = [
    # The first part is run after every change, and all of them before one is published.
    pytest.param(first, marks=[pytest.mark.slow] if first > FIRST else [])
    for first in range(FIRST, FIRST + FILES, AT_A_TIME)
]


@pytest.mark.parametrize("first", PARTS)
def test_a_damaged_file_brings_no_false_likes(tmp_path: Path, first: int) -> None:
    """Likes and users are the good file's, or what a damaged line says; else one line says why."""
    found = []
    for seed in range(first, first + AT_A_TIME):
        path, made = write(tmp_path, seed)
        if wrong := in_time(path, made):
            found.append(f"{seed} ({made.what}): {wrong}")
    assert not found, "\n".join(["", *found])


@pytest.mark.process
@pytest.mark.parametrize("seed", range(FIRST + FILES, FIRST + FILES + BY_COMMAND))
def test_the_command_ends_with_a_report_or_one_line(tmp_path: Path, seed: int) -> None:
    """Exit code 0 or 1, within 20 s, and never a traceback."""
    path, made = write(tmp_path, seed)
    command = [sys.executable, "-m", "kindred", "ingest", str(path)]
    done = subprocess.run(
        [*command, "--index", str(tmp_path / "index")],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode in (0, 1), f"{made.what}: {done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if not re.search("[0-9]%$", line)]
        assert len(lines) == 1, f"{made.what}: {done.stderr}"
        assert lines[0].startswith("error: ")
