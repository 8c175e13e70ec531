"""How much memory this process has taken."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["peak_mb"]


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
