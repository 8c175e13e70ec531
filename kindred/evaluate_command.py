"""The command that judges Kindred beside other methods.

The libraries of an evaluation are slow to import: they are imported as the command runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from kindred.management_commands import exit_when_terminated
from kindred.options import IndexOptions, Json, ProfileOptions, ScaleOption, read_scale
from kindred.output import print_json, print_note
from recommender import InvalidInputError

__all__ = ["evaluate"]


@dataclass(frozen=True, kw_only=True)
class PersonOptions:
    """The one person whom methods are asked for."""

    profile: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="One person: what they said of movies, as for recommend."
        ),
    ] = None
    user: Annotated[
        str | None, typer.Option(metavar="ID", help="One person: a rater of the index.")
    ] = None
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="title=…,rating=…", help="Headings of the file of --profile, as for recommend."
        ),
    ] = None
    limit: Annotated[
        int | None, typer.Option(help="One person: at most this many movies in a list; 10 else.")
    ] = None


_FOR_STARS = ("folds", "processes")
_NOT_TOGETHER = ("lengths", "packs")
_NOT_STARS = (*_NOT_TOGETHER, "splits", "together")


def evaluate(
    *,
    source: Annotated[
        str | None,
        typer.Argument(
            help="As for ingest; not with --profile or --user.",
            metavar="SOURCE",
            show_default=False,
        ),
    ] = None,
    stars: Annotated[
        bool, typer.Option("--stars", help="Compare predicted stars, of ratings, and not lists.")
    ] = False,
    together: Annotated[
        bool,
        typer.Option(
            "--together", help="Compare ways to make one list for groups of 2, 3 and 5 people."
        ),
    ] = False,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--methods",
            "--method",
            metavar="A,B",
            help="Only these methods, and Kindred; may be given again. kindred@0.75 is Kindred "
            "there on its dial. For one person: of tutorial, user-cosine, user-pearson, "
            "item-cosine, popular.",
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
        int | None,
        typer.Option(
            min=1,
            help="At most so many of each group are asked, or have their ratings predicted; 1000 "
            "else.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Draws other people and ratings; 0 else.")
    ] = None,
    scale: ScaleOption = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="Stars: how many predict side by side; one a processor else."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the result there.")
    ] = None,
    person: PersonOptions,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Compare Kindred with other methods on people, or ratings, that it has not seen.

    One that was interrupted goes on where it was, when the same command is given again. With
    --profile or --user, ask the methods for one person instead, on the index.
    """
    given: dict[str, Any] = {
        name: value
        for name, value in {
            "together": together or None,
            **{"lengths": lengths, "packs": packs, "splits": splits},
            **{"folds": folds, "processes": processes, "people": people, "seed": seed},
        }.items()
        if value is not None
    }
    methods = ",".join(method) if method else None
    if (source is None) == (person.profile is None and person.user is None):
        raise typer.BadParameter(
            "give either the SOURCE of ratings to compare on, or --profile or --user to ask for "
            "one person"
        )
    if source is None:
        more = {"stars": stars or None, "picture": picture, **given}
        _refuse([name for name, value in more.items() if value is not None], "for a SOURCE")
        _ask(person, index, methods, scale, as_json=as_json)
        return
    for_one = {**vars(person), **vars(index)}
    _refuse([n for n, value in for_one.items() if value is not None], "for --profile or --user")
    why = "for lists, and not for --stars" if stars else "for --stars"
    _refuse([name for name in (_NOT_STARS if stars else _FOR_STARS) if name in given], why)
    if together:
        why = "for lists, and not for --together"
        _refuse([name for name in _NOT_TOGETHER if name in given], why)
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


def _refuse(options: list[str], why: str) -> None:
    if options:
        which = "this is" if len(options) == 1 else "these are"
        names = " and ".join(f"--{name}" for name in options)
        raise typer.BadParameter(f"{names}: {which} {why}")


def _ask(
    person: PersonOptions,
    index: IndexOptions,
    methods: str | None,
    scale: str | None,
    *,
    as_json: bool,
) -> None:
    """Ask methods for one person, and print what they say side by side."""
    options = ProfileOptions(
        like=[],
        dislike=[],
        seen=[],
        user=person.user,
        profile=person.profile,
        columns=person.columns,
        scale=scale,
    )
    from kindred.evaluation.person.asking import (  # noqa: PLC0415 - slow to import
        ASKED,
        ask_all,
        chosen,
    )
    from kindred.evaluation.person.report import print_side_by_side  # noqa: PLC0415 - likewise

    given = ASKED if methods is None else [name.strip() for name in methods.split(",")]
    # Before an index is opened, as all that is wrong with a command is told first.
    names = chosen(["kindred", *given])
    with index.open() as rec:
        found = ask_all(
            options.read(rec),
            methods=names,
            index=rec,
            limit=10 if person.limit is None else person.limit,
        )
        synthetic = rec.stats().source.synthetic
    print_side_by_side(found, synthetic=synthetic, as_json=as_json)


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
