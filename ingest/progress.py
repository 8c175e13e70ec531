"""Show and log the stages of an ingest, on a terminal, in plain lines or not at all."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from recommender.logs import logged
from recommender.settings import LogSettings

__all__ = ["Progress", "on_stderr"]

_log = logging.getLogger(__name__)

Advance = Callable[[int], None]


class Progress:
    """Logs each stage, one after the other, and how long it took; shows nothing."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Begin a stage of ``total`` steps, or of unknown length; yields a function to advance."""
        fields = {} if total is None else {"steps": total}
        with logged(_log, "stage", stage=name, **fields):
            yield lambda steps: None

    def note(self, line: str) -> None:
        """Show a line of information."""


class _Notes(Progress):
    """Logs notes as warnings, where standard error is for logs alone."""

    def note(self, line: str) -> None:
        _log.warning(line)


class _Lines(Progress):
    """A line like ``raters 40%`` at every tenth of a stage, for logs and other programs."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Advance]:
        done, shown = 0, 0

        def advance(steps: int) -> None:
            nonlocal done, shown
            done += steps
            tenth = 10 * done // total if total else 0
            # The last tenth is shown when the stage has ended.
            if shown < tenth < 10:
                shown = tenth
                self.note(f"{name} {10 * tenth}%")

        self.note(f"{name} 0%")
        with super().stage(name, total):
            yield advance
        self.note(f"{name} 100%")

    def note(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


class _Terminal(_Lines):
    """A bar for each stage."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Advance]:
        # Imported here, because most ingests show no bars.
        from rich import progress  # noqa: PLC0415
        from rich.console import Console  # noqa: PLC0415

        # A download advances by bytes, all other stages by points or steps.
        done = progress.DownloadColumn() if name == "download" else progress.MofNCompleteColumn()
        described = progress.TextColumn("{task.description:>9}")
        columns = (described, progress.BarColumn(), done, progress.TimeElapsedColumn())
        with (
            Progress.stage(self, name, total),
            progress.Progress(*columns, console=Console(stderr=True)) as bars,
        ):
            task = bars.add_task(name, total=total)
            yield lambda steps: bars.advance(task, steps)
            # A bar of unknown length would never show as full.
            if total is None:
                bars.update(task, total=1, completed=1)


def on_stderr() -> Progress:
    """Show bars where standard error is a terminal, else plain lines; nothing where it is closed.

    Where ``KINDRED_LOG`` asks for JSON, only logs are written.
    """
    if sys.stderr is None:  # closed by the program that started this one
        return Progress()
    if LogSettings.read().log == "json":
        return _Notes()
    return _Terminal() if sys.stderr.isatty() else _Lines()
