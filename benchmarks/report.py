"""What the benchmarks share: arguments, the machine, tables and pictures."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Row", "arguments", "machine", "milliseconds", "show", "times_as_fast"]

Row = Mapping[str, object]
"""One line of a table: cells by heading."""


def arguments(doc: str | None, *, picture: bool = False) -> argparse.ArgumentParser:
    """Make a parser with the options that all benchmarks have; ``doc`` is the module's."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    if picture:
        parser.add_argument("--picture", type=Path, metavar="FILE.png", help="draw it there")
    return parser


def machine() -> dict[str, Any]:
    """Describe what the measured numbers depend on besides Kindred."""
    packages = ("qdrant-edge-py", "qdrant-client", "numpy", "pyarrow")
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def milliseconds(seconds: npt.NDArray[np.float64]) -> dict[str, float]:
    """Sum up times by their median and 99th percentile, in milliseconds."""
    middle, slow = 1000 * np.quantile(seconds, (0.5, 0.99))
    return {"p50_ms": _three(middle), "p99_ms": _three(slow)}


def times_as_fast(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> float:
    """Median of the ratios of pairs, above 1 where ours is faster."""
    return _three(float(np.median(theirs / ours)))


def show(result: Mapping[str, Any], tables: Mapping[str, Sequence[Row]], *, as_json: bool) -> None:
    """Print the whole result as JSON, or its tables as Markdown, which documents hold too."""
    if as_json:
        print(json.dumps(result, indent=2))
        return
    for title, rows in tables.items():
        print(f"{title}\n\n{_markdown(rows)}\n")
    print(", ".join(f"{name} {value}" for name, value in machine().items()))


def _markdown(rows: Sequence[Row]) -> str:
    heads = list(rows[0])
    lines = [heads, ["---" if place == 0 else "--:" for place in range(len(heads))]]
    lines += [[_cell(row.get(head, "")) for head in heads] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{_three(value):,.10g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _three(value: float) -> float:
    """Round to three digits: more would be noise."""
    return float(f"{value:.3g}")
