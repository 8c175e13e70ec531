"""Look for keys and passwords in what is published; exits 1 where there are any.

A line that only looks so ends in ``# pragma: allowlist secret``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

# What a key of anybody's would look like here; each more costs as much time as the others.
PLUGINS = (
    *("AWSKeyDetector", "BasicAuthDetector", "GitHubTokenDetector"),
    *("KeywordDetector", "PrivateKeyDetector"),
)
FILTERS = (
    "allowlist.is_line_allowlisted",
    *("heuristic.is_indirect_reference", "heuristic.is_likely_id_string"),
    *("heuristic.is_not_alphanumeric_string", "heuristic.is_potential_uuid"),
    *("heuristic.is_sequential_string", "heuristic.is_templated_secret"),
)
SKIPPED = {"__pycache__", "data", "node_modules", "build", "dist"}
BINARY = {".gz", ".ico", ".parquet", ".png", ".pyc", ".woff2", ".zip"}


def files(root: Path) -> list[str]:
    """Everything but what git ignores, hidden folders, pictures and hashes."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED and (f == ".ci" or f[0] != ".")]
        found += [
            os.path.join(folder, name)
            for name in names
            if Path(name).suffix not in BINARY and name != ".env" and "requirements" not in name
        ]
    return sorted(found)


def main() -> None:
    """Name each by file, line and kind, and not what it is."""
    used = {
        "plugins_used": [{"name": name} for name in PLUGINS],
        "filters_used": [{"path": f"detect_secrets.filters.{name}"} for name in FILTERS],
    }
    with transient_settings(used):
        found = [secret for path in files(Path()) for secret in scan_file(path)]
    for secret in found:
        print(f"{secret.filename}:{secret.line_number}: {secret.type}", file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
