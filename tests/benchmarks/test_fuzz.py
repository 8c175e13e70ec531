"""What the fuzzer makes of what it is given; and, of its long run, a short one."""

from __future__ import annotations

import random

import pytest

from benchmarks.attacks.fuzz_inputs import bundled, mutated, unbundled
from benchmarks.attacks.fuzz_targets import TARGETS


def test_the_same_seed_makes_the_same_inputs() -> None:
    """Others than it was given, and of no more bytes than allowed."""
    data = b"userId,movieId,rating\n1,1,5\n" * 20
    one, two = (
        [mutated(data, 500, dice) for _ in range(200)] for dice in map(random.Random, (7, 7))
    )
    assert one == two
    assert max(map(len, one)) == 500
    assert len(set(one)) > 150


def test_several_files_are_one_input_and_never_leave_their_folder() -> None:
    """Whatever the input holds where a name should be."""
    files = {"ratings.csv": b"1,2\n", "movies.csv": b""}
    assert unbundled(bundled(files)) == files
    assert unbundled(b"../../x\nevil\x1d\x1d\0\n\x1d\x1d..\n") == {"x": b""}


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_input_is_a_finding(name: str) -> None:
    """What each target begins with, and eight inputs made of it."""
    run, seeds = TARGETS[name].run, TARGETS[name].seeds()
    dice = random.Random(name)
    for data in [*seeds, *(mutated(dice.choice(seeds), 1 << 12, dice) for _ in range(8))]:
        run(data)
