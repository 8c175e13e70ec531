"""Whether anything a stranger may write makes a reader crash, hang or fill memory.

::

    pip install -e '.[benchmarks,fuzz]'
    python -m benchmarks.attacks.fuzz [TARGET ...] --seconds 600

Each target (``fuzz_targets.py`` beside this) runs in a process of its own, guided by coverage where
atheris is installed, and by chance alone where it is not (``--blind``). An input is a finding if
the target raises anything but a documented error, or breaks what it promises; if it takes more
than 20 seconds of the processor, or 300 of the clock; or if the process then holds 1 GiB more than
when it began. A target ends at its first finding. The input is kept in a file, and

::

    python -m benchmarks.attacks.fuzz TARGET --input FILE

runs it once more. With the same ``--seed`` a blind run makes the same inputs.
"""

from __future__ import annotations

import importlib
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.attacks.fuzz_inputs import LONGEST, mutated
from benchmarks.report import Row, arguments, show
from benchmarks.speed.ingest import Memory

__all__ = ["fuzz"]

_LONGEST_RUN, _LONGEST_WAIT = 20, 300  # seconds of the processor for one input, and of the clock
_MOST_MEMORY = 1 << 30  # bytes above what there were at the beginning
_BETWEEN_LOOKS = 0.25  # seconds
_PACKAGES = ["ingest", "recommender", "ui"]


class _Ledger:
    """The number of inputs so far, and the input that runs now: what is left after a crash."""

    def __init__(self, file: Path) -> None:
        self._file, self._count = file, 0
        self._descriptor = os.open(file, os.O_CREAT | os.O_RDWR)

    def write(self, data: bytes, *, counted: bool = True) -> None:
        self._count += counted
        os.pwrite(self._descriptor, self._count.to_bytes(8) + len(data).to_bytes(4) + data, 0)

    def read(self) -> tuple[int, bytes]:
        held = self._file.read_bytes()
        return int.from_bytes(held[:8]), held[12 : 12 + int.from_bytes(held[8:12])]


def fuzz(name: str, seconds: float, seed: int, *, blind: bool, findings: Path) -> dict[str, Any]:
    """Fuzz a target for some seconds; a row with what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = _Ledger(Path(folder) / "ledger")
        command = [sys.executable, "-m", "benchmarks.attacks.fuzz", name, "--seed", str(seed)]
        command += ["--seconds", str(seconds), "--child", folder, *(["--blind"] * blind)]
        output = (Path(folder) / "output").open("w+")
        environment = os.environ | {"TMPDIR": folder, "KINDRED_CACHE": f"{folder}/cache"}
        with (
            output,
            subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process,
            Memory(process.pid) as memory,
        ):
            ended, started, base = _watch(process, ledger, memory)
            output.seek(0)
            printed = output.read()
        count, data = ledger.read()
    if ended is None:
        ended = "" if process.returncode == 0 else "crash"
    row: dict[str, Any] = {
        "target": name,
        "inputs": count,
        "inputs/s": round(count / max(time.monotonic() - started, 1e-9), 1),
        "peak above start, MiB": max(0, memory.peak - base) >> 20,
        **{what: int(ended == what) for what in ("crash", "hang", "memory")},
    }
    if ended:
        findings.mkdir(exist_ok=True)
        kept = findings / f"{name}-{ended}-{seed}"
        kept.write_bytes(data)
        row["input"] = str(kept)
        print(printed[-6000:], file=sys.stderr)
        print(f"again: python -m benchmarks.attacks.fuzz {name} --input {kept}", file=sys.stderr)
    return row


def _watch(
    process: subprocess.Popen[bytes], ledger: _Ledger, memory: Memory
) -> tuple[str | None, float, int]:
    """Wait for a process, or end it; give why, when its inputs began, and its memory then."""
    last, started, base = 0, time.monotonic(), 0
    since = _spent(process.pid), time.monotonic()
    while process.poll() is None:
        time.sleep(_BETWEEN_LOOKS)
        count, now = ledger.read()[0], time.monotonic()
        if count and not base:
            started, base = now, memory.peak
        if count != last:
            last, since = count, (_spent(process.pid), now)
        busy, waited = _spent(process.pid) - since[0], now - since[1]
        hangs = last > 0 and (busy > _LONGEST_RUN or waited > _LONGEST_WAIT)
        if hangs or (base and memory.peak > base + _MOST_MEMORY):
            process.kill()
            return "hang" if hangs else "memory", started, base
    return None, started, base


def _spent(process: int) -> float:
    """Seconds of processor time of a process; none once it is gone."""
    with suppress(psutil.Error):
        times = psutil.Process(process).cpu_times()
        return float(times.user + times.system)
    return 0.0


def _child(name: str, folder: Path, seconds: float, seed: int, *, blind: bool) -> None:
    """Run a target on one input after another; end by the first exception."""
    atheris = None
    if not blind:
        with suppress(ImportError):
            atheris = importlib.import_module("atheris")
    if atheris is None:
        targets = importlib.import_module("benchmarks.attacks.fuzz_targets")
    else:
        with atheris.instrument_imports(include=_PACKAGES):
            targets = importlib.import_module("benchmarks.attacks.fuzz_targets")
    target = targets.TARGETS[name]
    ledger, seeds = _Ledger(folder / "ledger"), target.seeds()
    for data in seeds:  # everything is loaded by then, so that memory is that of the inputs
        ledger.write(data, counted=False)
        target.run(data)

    def run(data: bytes) -> None:
        ledger.write(data)
        target.run(data)

    if atheris is None:
        _by_chance(run, seeds, seconds, random.Random(seed))
        return
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        # Half by libFuzzer, which knows what the code compares with; half by what tables are like.
        return bytes(atheris.Mutate(data, most)) if seed % 2 else mutated(data, most, dice)

    options = [f"-max_total_time={int(seconds)}", f"-seed={seed + 1}", f"-max_len={LONGEST}"]
    options += [
        "-rss_limit_mb=0",
        "-timeout=86400",
        f"-artifact_prefix={folder}/",
    ]
    atheris.Setup([name, *options, str(corpus)], run, custom_mutator=mutate)
    atheris.Fuzz()


def _by_chance(run: Any, seeds: list[bytes], seconds: float, dice: random.Random) -> None:
    kept = list(seeds)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(dice.choice(kept), LONGEST, dice)
        run(data)
        if dice.random() < 0.01:
            kept[len(seeds) :] = [*kept[len(seeds) :], data][-200:]


def main() -> None:
    """Fuzz, or run one input again."""
    parser = arguments(__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all unless given")
    parser.add_argument("--seconds", type=float, default=600, help="for each target")
    parser.add_argument("--blind", action="store_true", help="without atheris")
    parser.add_argument("--input", type=Path, metavar="FILE", help="run this one input")
    parser.add_argument("--findings", type=Path, default=Path("findings"), metavar="FOLDER")
    parser.add_argument("--child", type=Path, help="for the program itself")
    chosen = parser.parse_args()
    if chosen.child:
        _child(chosen.targets[0], chosen.child, chosen.seconds, chosen.seed, blind=chosen.blind)
        return
    targets = importlib.import_module("benchmarks.attacks.fuzz_targets").TARGETS
    names = chosen.targets or list(targets)
    if unknown := set(names) - targets.keys():
        parser.error(f"no target {', '.join(sorted(unknown))}: there are {', '.join(targets)}")
    if chosen.input:
        targets[names[0]].run(chosen.input.read_bytes())
        return
    rows: list[Row] = [
        fuzz(name, chosen.seconds, chosen.seed, blind=chosen.blind, findings=chosen.findings)
        for name in names
    ]
    show({"targets": rows}, {"Fuzzing": rows}, as_json=chosen.json)
    sys.exit(any(row[what] for row in rows for what in ("crash", "hang", "memory")))


if __name__ == "__main__":
    main()
