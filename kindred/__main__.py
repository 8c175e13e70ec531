"""``python -m kindred`` is ``kindred``."""

from kindred.cli import main

main()
