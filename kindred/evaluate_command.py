"""The command that judges Kindred beside other methods.

The libraries of an evaluation are slow to import: they are imported as the command runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kindred.management_commands import exit_when_terminated
from kindred.options import Json, ScaleOption, read_scale
from kindred.output import print_json, print_note
from recommender import InvalidInputError

__all__ = ["evaluate"]

_FOR_LISTS, _FOR_STARS = ("lengths", "packs", "splits"), ("folds", "processes")


def evaluate(
    *,
    source: Annotated[str, typer.Argument(help="As for ingest.", metavar="SOURCE")],
    stars: Annotated[
        bool, typer.Option("--stars", help="Compare predicted stars, of ratings, and not lists.")
    ] = False,
    methods: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Only these methods, and Kindred; kindred@0.75 is Kindred there on its dial.",
        ),
    ] = None,
    lengths: Annotated[
        str | None,
        typer.Option(
            metavar="N,P%",
            help="Lists: ratings a person gives, or parts of theirs; 3,5,10,20,50,80% else.",
        ),
    ] = None,
    packs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json", help="Lists: also ask for the others of sets of films named there."
        ),
    ] = None,
    splits: Annotated[
        int | None,
        typer.Option(
            min=1, max=6, help="Lists: groups of 15 % of the people to hold out in turn; 1 else."
        ),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2, max=20, help="Stars: parts, each predicted from all other ratings; 5 else."
        ),
    ] = None,
    people: Annotated[
        int,
        typer.Option(
            min=1, help="At most so many of each group are asked, or have their ratings predicted."
        ),
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Draws other people and ratings.")] = 0,
    scale: ScaleOption = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="Stars: how many predict side by side; one a processor else."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the result there.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare Kindred with other methods on people, or ratings, that it has not seen.

    One that was interrupted goes on where it was, when the same command is given again.
    """
    given: dict[str, Any] = {
        name: value
        for name, value in {
            **{"lengths": lengths, "packs": packs, "splits": splits},
            **{"folds": folds, "processes": processes},
        }.items()
        if value is not None
    }
    if wrong := [f"--{name}" for name in (_FOR_LISTS if stars else _FOR_STARS) if name in given]:
        which = "this is" if len(wrong) == 1 else "these are"
        why = "for lists, and not for --stars" if stars else "for --stars"
        raise typer.BadParameter(f"{' and '.join(wrong)}: {which} {why}")
    # First of all, so that nobody learns after an hour that a folder was wrong.
    if picture is not None:
        _check_picture(picture)
    from ingest import on_stderr  # noqa: PLC0415 - slow to import
    from kindred import evaluation  # noqa: PLC0415 - likewise
    from kindred.evaluation.report import print_quality  # noqa: PLC0415 - likewise

    exit_when_terminated()
    quality = evaluation.evaluate(
        source,
        stars=stars,
        methods=methods,
        people=people,
        seed=seed,
        scale=read_scale(scale),
        progress=on_stderr(),
        **given,
    )
    if picture is not None:
        try:
            quality.plot().save(str(picture), scale_factor=2)
        except OSError as error:  # the result itself is not lost
            print_note(f"cannot write {picture}: {error.strerror or error}")
    if as_json:
        print_json(quality.without_people().model_dump())
    else:
        print_quality(quality)


def _check_picture(picture: Path) -> None:
    """Make sure that the picture can be drawn.

    Raises InvalidInputError where it cannot.
    """
    from kindred.evaluation.methods.choice import require  # noqa: PLC0415 - slow to import

    require("vl_convert", what="--picture")
    if picture.suffix.lower() != ".png" or not picture.absolute().parent.is_dir():
        raise InvalidInputError(
            f"the picture cannot be written to '{picture}': give a file that ends in .png, in a "
            "folder that is there"
        )
