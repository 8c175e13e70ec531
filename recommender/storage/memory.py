"""The memory of this process: its peak and its limits."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

from recommender.errors import EngineError

__all__ = ["check_limits", "peak_mb"]

# MiB that writing a small index takes, by the limit that counts them.
_LEAST = {"RLIMIT_AS": 4096, "RLIMIT_DATA": 512}


def check_limits() -> None:
    """Refuse to write an index where the limits of this process leave the engine too little memory.

    The engine maps much more than it uses; where it cannot, it ends the process, or hangs.

    Raises EngineError naming the limit.
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
    """Most memory this process used at once, in MiB; None where the system does not report it."""
    with suppress(OSError):
        # On Linux getrusage starts a new process with the peak of the one that started it.
        found = re.search(
            r"^VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE
        )
        if found:
            return round(int(found[1]) / 1024, 1)
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts in bytes, others in KiB.
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)
