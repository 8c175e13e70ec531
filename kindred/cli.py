"""The ``kindred`` command: which commands there are, and how all of them end.

Exit codes: 0 done, 1 failed with one line that says why, 2 wrong usage. With ``--json``, standard
output is one JSON document and nothing else; progress and notices go to standard error.
"""

from __future__ import annotations

import sys
import traceback
import warnings
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from kindred import management_commands as manage
from kindred import question_commands as ask
from kindred.evaluate_command import evaluate
from kindred.options import expand
from kindred.output import print_error, print_note
from recommender import KindredError, __version__
from recommender.logs import configure_logging

__all__ = ["app", "main"]

app = typer.Typer(
    name="kindred",
    help="Movie recommendations from people with your taste, with no model to train.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# In the order of `kindred --help`.
for _command in (
    manage.ingest,
    manage.forget,
    ask.recommend,
    ask.rows,
    ask.predict,
    ask.explain,
    ask.neighbours,
    ask.similar,
    ask.search,
    manage.info,
    manage.health,
    evaluate,
    manage.ui,
):
    app.command()(expand(_command))


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"kindred {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command; every failure ends in one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # Titles hold every script there is, whatever the terminal's encoding.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # A line of its own, without the place in the code that asked.
    warnings.showwarning = lambda message, *_: print_note(str(message))
    try:
        configure_logging()
        app()
    except KindredError as error:
        _fail(str(error))
    except MemoryError:
        _fail("there is not enough memory for this: free some, or use a larger machine")
    except Exception as error:  # the last line of defence: no traceback reaches a user
        at = traceback.extract_tb(error.__traceback__)[-1]
        _fail(
            f"unexpected {type(error).__name__}: {error} (at {Path(at.filename).name}:{at.lineno})"
            "; please report this line"
        )


def _fail(line: str) -> NoReturn:
    print_error(line)
    sys.exit(1)
