"""Look up known vulnerabilities of what the image is made of; exits 1 where there are any.

Where nobody answers, there is a line that says so, and no failure: it says nothing of this project.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FILES = ("requirements.txt", "requirements-build.txt")


def main() -> None:
    """Ask, and name each by package and number."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--disable-pip", "--format=json"]
    command += ["--progress-spinner=off", "--timeout=5", *(f"--requirement={one}" for one in FILES)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        told = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        told = []
    found = [(one, bad) for one in told for bad in one.get("vulns", ())]
    for one, bad in found:
        fixed = ", ".join(bad["fix_versions"]) or "no version yet"
        print(f"{one['name']} {one['version']}: {bad['id']}, mended in {fixed}", file=sys.stderr)
    if not told or any("skip_reason" in one for one in told):
        print("note: not all packages could be looked up; ask again elsewhere", file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
