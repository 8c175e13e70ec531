"""What the first page does not wait for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.conftest import APP


@pytest.mark.process
def test_home_does_not_wait_for_libraries_of_other_pages(index: Path) -> None:
    """Tables and charts take seconds to import, which the first visitor of a server would wait."""
    script = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        "app = AppTest.from_file(sys.argv[1]).run(timeout=60); "
        "print(len(app.exception), *{'altair', 'pandas', 'pyarrow'} & {*sys.modules})"
    )
    environment = {**os.environ, "KINDRED_INDEX": str(index)}
    argv = [sys.executable, "-c", script, str(APP)]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
