"""The ingest of the bundled sample: one process, whose progress any number of tabs may show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading

from recommender.settings import LogSettings
from ui.settings import OmdbSettings

__all__ = ["SAMPLE", "SampleIngest"]

SAMPLE = [sys.executable, "-m", "kindred", "ingest", "sample", "--json"]

_WITHHELD = {
    OmdbSettings.variable("api_key"),
    *(LogSettings.variable(field) for field in LogSettings.model_fields),
}
"""Variables the process is not given: keys it has no use for, and the settings of the log, because
its progress is read from plain lines."""
_PROGRESS = re.compile(r"(.+?)\s+(\d{1,3})%")


class SampleIngest:
    """Runs a command that reports progress on standard error, one run at a time."""

    def __init__(self, command: list[str] | None = None) -> None:
        self._command = command or SAMPLE
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.step = "starting"
        """Name of the step under way."""
        self.fraction = 0.0
        """How much of that step is done, 0 to 1."""
        self.failure: str | None = None
        """The one line the last run failed with."""

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin a run, unless one is under way, as of a click in another tab."""
        with self._lock:
            if self.running:
                return
            self.step, self.fraction, self.failure = "starting", 0.0, None
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the run under way, if any, has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        last = "it ended without saying why"
        try:
            with subprocess.Popen(  # noqa: S603 - our own command, no shell
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env={k: v for k, v in os.environ.items() if k not in _WITHHELD},
            ) as process:
                for line in process.stderr or ():
                    last = line.strip() or last
                    if progress := _PROGRESS.fullmatch(last):
                        self.step, self.fraction = progress[1], min(int(progress[2]), 100) / 100
            if process.returncode != 0:
                self.failure = last.removeprefix("error: ")
        except OSError as problem:
            self.failure = f"the ingest could not be started: {problem}"
