"""How much memory this process has taken, and may take."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

from recommender.errors import EngineError

__all__ = ["check_limits", "peak_mb"]

_LEAST = {"RLIMIT_AS": 4096, "RLIMIT_DATA": 512}
"""MiB that it takes to write a small index, by the limit they come under."""


def check_limits() -> None:
    """Refuse to begin where the limits of this process leave the engine too little memory.

    It maps much more than it uses; where it is then refused memory it ends the process, or hangs.
    """
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    for name, least in _LEAST.items():
        limit, _ = resource.getrlimit(getattr(resource, name))
        if limit != resource.RLIM_INFINITY and limit < least << 20:
            raise EngineError(
                f"{name} lets this process take {limit >> 20:,} MiB, and writing an index needs "
                f"{least:,} or more: raise the limit (ulimit -v or -d)"
            )


def peak_mb() -> float | None:
    """Most memory this process used at once, in MiB; None where the system does not tell."""
    with suppress(OSError):
        # Linux counts to a new process in getrusage what the one that started it had.
        told = re.search(r"^VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
        if told:
            return round(int(told[1]) / 1024, 1)
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)
