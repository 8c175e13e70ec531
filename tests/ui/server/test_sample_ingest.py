"""Watching a process that ingests."""

from __future__ import annotations

import sys

import pytest

from ui.server.sample_ingest import SAMPLE, SampleIngest


def _job(code: str) -> SampleIngest:
    job = SampleIngest([sys.executable, "-c", f"import sys; say = sys.stderr.write; {code}"])
    job.start()
    job.wait(60)
    return job


def test_the_sample_is_ingested_by_this_python() -> None:
    """The command is the one the command line documents."""
    assert [sys.executable, "-m", "kindred", "ingest", "sample", "--json"] == SAMPLE


def test_progress_lines_become_a_step_and_a_fraction() -> None:
    """The last progress line is what is shown; other lines are not progress."""
    job = _job(r"say('reading 100%\nraters 40%\nnote: fine\n'); print('{}')")
    assert (job.step, job.fraction, job.failure) == ("raters", 0.4, None)
    assert not job.running


def test_a_failure_is_its_last_line() -> None:
    """What the process said last is what the person reads, without the prefix."""
    job = _job(r"say('reading 10%\nerror: the disk is full: free some space\n'); sys.exit(1)")
    assert job.failure == "the disk is full: free some space"


def test_a_silent_failure_is_still_reported() -> None:
    """Exit code 1 without a word is not taken for success."""
    assert _job("sys.exit(1)").failure == "it ended without saying why"


def test_a_command_that_cannot_start_is_a_failure_in_words() -> None:
    """A missing program does not end in a traceback."""
    job = SampleIngest(["/no/such/program"])
    job.start()
    job.wait(60)
    assert job.failure is not None
    assert job.failure.startswith("the ingest could not be started")


def test_starting_twice_runs_once() -> None:
    """A second click while it runs changes nothing."""
    job = SampleIngest([sys.executable, "-c", "import sys; sys.stdin.read()"])
    job.start()
    job.start()
    job.wait(60)
    assert job.failure is None


def test_a_later_run_forgets_the_earlier_failure() -> None:
    """Trying again starts from a clean slate."""
    job = _job("sys.exit(1)")
    job._command = [sys.executable, "-c", ""]
    job.start()
    job.wait(60)
    assert job.failure is None


def test_an_ingest_is_given_the_key_of_its_server_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Posters and operators are no business of its."""
    for name in ("OMDB_API_KEY", "QDRANT_API_KEY"):
        monkeypatch.setenv(name, f"hush-{name}")
    job = _job("import os; say(' '.join(v for v in os.environ.values() if 'hush-' in v)); exit(1)")
    assert job.failure == "hush-QDRANT_API_KEY"


def test_its_lines_are_for_people_whatever_the_server_logs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Progress is read from them."""
    monkeypatch.setenv("KINDRED_LOG", "json")
    monkeypatch.setenv("KINDRED_LOG_LEVEL", "info")
    job = _job("import os; say(' '.join(v for v in os.environ if 'KINDRED_LOG' in v)); exit(1)")
    assert job.failure == "it ended without saying why"
