"""What becomes of an embedded index whatever happens to it: a table of attacks.

::

    python -m benchmarks.attacks.faults [--kills 100] [--full 20] [--only damage,kills,full,memory]

Made-up ratings. Files of a version are cut, flipped, taken away and exchanged; the real ``kindred``
command is ended at random moments of full ingests, appends, forgetting and going back; a small
tmpfs is filled (in a user namespace of its own, where the system allows one), inodes run out,
memory is short. After each attack the index must answer exactly as one of its whole versions did,
or say in one line what is wrong; going back and another ingest must then mend it. Ends with 1 where
anything else was seen. Some 15 minutes on two free cores; no command may take more than two.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.attacks.full_disk import KINDRED, WITHIN, answer, end, start
from benchmarks.report import arguments, show
from ingest import append, ingest
from ingest.update.forget import forget
from recommender.storage.edge import EdgeStore
from recommender.storage.edge.files import replace_pointer
from tests.support import random_ratings, write_source

PARALLEL = f"from recommender.storage.edge import writer; writer.PARALLEL_FROM = 0; {KINDRED}"
# A command whose memory is limited: the kind of limit and its MiB come before its words.
LIMITED = (
    "import resource, sys; kind, size = sys.argv.pop(1), int(sys.argv.pop(1)) << 20;"
    f"resource.setrlimit(getattr(resource, kind), (size, size)); {KINDRED}"
)
GONE = [str(user) for user in range(1, 30)]
NO_SPACE = "No space left on device"


class Bench:
    """Sources, and an index of two versions whose answers are known."""

    def __init__(self, folder: Path, seed: int, raters: int) -> None:
        self.folder, self.dice = folder, random.Random(seed)
        self.index, self.clean = folder / "index", folder / "clean"
        self.one, self.two, self.later = (
            write_source(folder / str(at), random_ratings(seed + at, raters=n, movies=400, most=99))
            for at, n in enumerate((raters, raters, raters // 10))
        )
        ingest(str(self.one), index=self.clean)
        self.old = answer(self.clean)
        ingest(str(self.two), index=self.clean)
        self.new = answer(self.clean)
        self.table: dict[str, Counter[str]] = {}
        self.failures: list[str] = []
        self.reset()

    def reset(self) -> None:
        """Put the index back as it was: version 2 current, 1 before it."""
        shutil.rmtree(self.index, ignore_errors=True)
        subprocess.run(["cp", "-r", "--sparse=always", self.clean, self.index], check=True)

    def note(self, attack: str, outcome: str, detail: object = "") -> None:
        """Count how an attack ended."""
        self.table.setdefault(attack, Counter())[outcome] += 1
        if outcome == "failures":
            self.failures.append(f"{attack}: {str(detail)[:400]}")
            print(self.failures[-1], file=sys.stderr, flush=True)

    def judge(self, attack: str, where: object, *, mend: bool) -> None:
        """See what the damaged index answers, and whether it can be mended."""
        try:
            found = answer(self.index)
            if not isinstance(found, str):
                self.note(attack, "right answers" if found == self.new else "failures", where)
                return
            if "\n" in found:
                raise AssertionError(f"several lines: {found}")
            if mend and "--rollback" in found:
                EdgeStore(self.index).rollback()
                assert answer(self.index) in (self.old, self.new), f"gone back after {found}"
            if mend:
                ingest(str(self.two), index=self.index)
                assert answer(self.index) == self.new, f"ingested after {found}"
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic of Rust is no Exception
            self.note(attack, "failures", f"{where}: {error!r}")
        else:
            self.note(attack, "reported")

    def rows(self) -> list[dict[str, object]]:
        """Lines of the table."""
        kinds = ("right answers", "reported", "ended by the system", "not run", "failures")
        return [
            {"attack": name, "runs": found.total(), **{kind: found[kind] for kind in kinds}}
            for name, found in self.table.items()
        ]


def damage(bench: Bench) -> None:
    """Damage each file of the current version in each way; every tenth time it is mended."""

    def flip(path: Path) -> None:
        with path.open("r+b") as file:
            at = bench.dice.randrange(path.stat().st_size)
            file.seek(at)
            (byte,) = file.read(1)
            file.seek(at)
            file.write(bytes([byte ^ 1 << bench.dice.randrange(8)]))

    def instead(make: Callable[[Path], None], path: Path) -> None:
        path.unlink()
        make(path)

    ways: dict[str, Callable[[Path], None]] = {
        "cut to nothing": lambda path: os.truncate(path, 0),
        "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2),
        "cut by a byte": lambda path: os.truncate(path, path.stat().st_size - 1),
        "one bit flipped": flip,
        "missing": Path.unlink,
        "a folder instead": partial(instead, Path.mkdir),
    }
    # Only every tenth file, because mending takes an ingest.
    whole = sorted((bench.clean / "versions" / "000002").rglob("*"))
    paths = [path for path in (bench.clean / "current", *whole) if path.is_file()]
    for what, do in ways.items():
        for number, path in enumerate(paths):
            bench.reset()
            if path.stat().st_size:
                where = path.relative_to(bench.clean)
                do(bench.index / where)
                mend = number % 10 == 0 and where.name != "current"
                bench.judge(
                    what, where, mend=mend or (where.name == "current" and "a " not in what)
                )
    foreign_files(bench)


def foreign_files(bench: Bench) -> None:
    """Files of another version or Kindred, and a folder that is no index."""
    versions = bench.index / "versions"
    for part in ("users", "movies"):
        bench.reset()
        other = next((versions / "000001" / part / "segments").iterdir())
        shutil.copytree(other, versions / "000002" / part / "segments" / other.name)
        bench.judge("files of another version", part, mend=True)
        bench.reset()
        shutil.rmtree(versions / "000002" / part)
        shutil.copytree(versions / "000001" / part, versions / "000002" / part)
        bench.judge("files of another version", part, mend=True)
    for change in ({"format": 99}, {"later": "fields"}, {"format": 99, "later": {"a": [1]}}):
        bench.reset()
        path = versions / "000002" / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | change))
        bench.judge("a manifest from the future", change, mend=True)
    bench.reset()
    replace_pointer(bench.index, "000007")
    bench.judge("a pointer to no version", "current", mend=True)
    shutil.rmtree(bench.index)
    bench.index.mkdir()
    (bench.index / "thesis.txt").write_text("years of work")
    for words in (["recommend"], ["ingest", bench.one], ["ingest", "--rollback"]):
        code, errors = end(start(KINDRED, *words, "--index", bench.index))
        kept = [path.name for path in bench.index.iterdir()] == ["thesis.txt"]
        right = kept and code == 1 and "\nerror: " in f"\n{errors}" and "Traceback" not in errors
        bench.note("a foreign folder", "reported" if right else "failures", errors)


def kills(bench: Bench, count: int) -> None:
    """End changes at random moments, by SIGKILL and SIGTERM in turn."""
    index = ("--index", bench.index)
    changes: dict[str, tuple[str, tuple[object, ...], Callable[..., object] | None]] = {
        "ingest": (KINDRED, ("ingest", bench.one), partial(ingest, str(bench.one))),
        "ingest in parallel": (PARALLEL, ("ingest", bench.one), partial(ingest, str(bench.one))),
        "append": (KINDRED, ("ingest", bench.later, "--append"), partial(append, str(bench.later))),
        "forget": (KINDRED, ("forget", *GONE), partial(forget, GONE)),
        "rollback": (KINDRED, ("ingest", "--rollback"), None),
    }
    for kind, (code, words, change) in changes.items():
        bench.reset()
        if change is None:
            EdgeStore(bench.index).rollback()
        else:
            change(index=bench.index)
        after = answer(bench.index)
        bench.reset()
        began = time.monotonic()
        process = start(code, *words, *index)
        first = wait_for_draft(bench, process) - began
        end(process)
        whole = time.monotonic() - began
        for number in range(count // len(changes)):
            bench.reset()
            process = start(code, *words, *index)
            if number % 4 and kind != "rollback":  # else most would hit imports
                wait_for_draft(bench, process)
                time.sleep(bench.dice.uniform(0, 1) * (whole - first))
            else:
                time.sleep(bench.dice.uniform(0.3, 1) * whole)
            how = (signal.SIGKILL, signal.SIGTERM)[number % 2]
            process.send_signal(how)
            look_after(bench, f"{how.name} during {kind}", how, end(process), [bench.new, after])


def wait_for_draft(bench: Bench, process: subprocess.Popen[str]) -> float:
    """Wait until a change writes, or is done; the time then."""
    while process.poll() is None:
        if list(bench.index.glob(f"versions/*.{process.pid}.building")):
            break
        time.sleep(0.005)
    return time.monotonic()


def look_after(
    bench: Bench, attack: str, how: signal.Signals, ended: tuple[int, str], known: list[Any]
) -> None:
    """See how it ended, what is left of it, and whether the next run clears up."""
    code, errors = ended
    found = answer(bench.index)
    attack += ", too late" if code == 0 else ""
    if code not in (0, -how, 128 + how) or "Traceback" in errors or "error" in errors:
        bench.note(attack, "failures", f"{code} {errors[-300:]}")
    elif found not in known:
        bench.note(attack, "failures", found)
    else:
        ingest(str(bench.two), index=bench.index)
        names = sorted(path.name for path in (bench.index / "versions").iterdir())
        clean = len(names) <= 2 and all(name.isdecimal() for name in names)
        mended = clean and answer(bench.index) == bench.new
        bench.note(attack, "right answers" if mended else "failures", names)


def full(bench: Bench, option: str, free: int) -> None:
    """Write into a tmpfs with little room, in a namespace where anybody may mount one."""
    attack = "no inode left" if "inodes" in option else "a full disk"
    mount = bench.folder / "mount"
    mount.mkdir(exist_ok=True)
    inner = (
        f"mount -t tmpfs -o {option} none {mount} && cp -r --sparse=always {bench.clean} "
        f"{mount}/index && exec {sys.executable} -m benchmarks.attacks.full_disk {mount}/index "
        f"{bench.one} {free}"
    )
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", inner]
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * WITHIN, check=False)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        unable = "unshare" in done.stderr or "mount:" in done.stderr
        bench.note(
            attack, "not run" if unable else "failures", (free, done.returncode, done.stderr)
        )
        return
    # Loading writes a little, so that where nothing at all is free even reading is refused.
    known = (bench.new, bench.old) if free else (bench.new, bench.old, NO_SPACE)
    after = NO_SPACE if NO_SPACE in found["after"] else found["after"]
    right = found["before"] == bench.new and after in known
    seen = (free, found["code"], found["line"], found["tidy"], right, after)
    clear = found["code"] == 0 or (found["code"] == 1 and found["line"].startswith("error: "))
    outcome = "reported" if found["code"] else "right answers"
    bench.note(attack, outcome if right and clear and found["tidy"] else "failures", seen)


def memory(bench: Bench) -> None:
    """Ingest with too little memory; who ends it, the system or we, must leave the index alone."""
    for kind in ("RLIMIT_AS", "RLIMIT_DATA"):
        for size in (300, 400, 600, 900, 1500, 4200):
            bench.reset()
            words = (kind, size, "ingest", bench.one, "--index", bench.index)
            code, errors = end(start(LIMITED, *words))
            if code == 124 or answer(bench.index) not in (bench.new, bench.old):
                bench.note(kind, "failures", (size, errors, answer(bench.index)))
            elif code == 0:
                bench.note(kind, "right answers")
            else:
                clear = code == 1 and "Traceback" not in errors
                bench.note(kind, "reported" if clear else "ended by the system")


def main() -> int:
    """Attack, and print the table."""
    parser = arguments(__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--full", type=int, default=20, help="sizes of a disk that is full")
    parser.add_argument("--only", default="damage,kills,full,memory")
    parser.add_argument("--raters", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), given.seed, given.raters)
        if "full" in given.only:
            for number in range(given.full):
                full(bench, "size=512m", number * number << 19)
            for count in (280, 300, 340, 380, 420):
                full(bench, f"nr_inodes={count}", 1 << 40)
        if "damage" in given.only:
            damage(bench)
        if "kills" in given.only:
            kills(bench, given.kills)
        if "memory" in given.only:
            memory(bench)
    rows = bench.rows()
    show({"rows": rows, "failures": bench.failures}, {"Faults": rows}, as_json=given.json)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
