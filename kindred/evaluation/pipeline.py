"""The table of contents: from a source's name to the saved result."""

from __future__ import annotations

from pathlib import Path

from ingest import Progress
from ingest.reading import ReadOptions, load
from kindred.evaluation.methods.choice import choose, choose_methods, require
from kindred.evaluation.packs import read_packs
from kindred.evaluation.questions import parse_lengths
from kindred.evaluation.ranking import evaluate_ranking
from kindred.evaluation.stars import PREDICTORS, evaluate_stars
from recommender import InvalidInputError, Scale
from recommender.quality import Quality
from ui.pages.quality import chart

__all__ = ["evaluate"]


def evaluate(
    source: str,
    *,
    stars: bool,
    methods: str | None,
    lengths: str,
    packs: Path | None,
    splits: int,
    people: int,
    seed: int,
    scale: Scale | None,
    picture: Path | None,
    progress: Progress,
) -> Quality:
    """Evaluate on a source, keep the result where the app finds it, and draw the picture.

    Raises InvalidInputError where an argument cannot be used, or the source has too few ratings,
    and SourceError where it cannot be read.
    """
    # First of all, so that nobody learns after an hour that a name or a folder was wrong.
    if picture is not None:
        _check_picture(picture)
    if stars:
        predictors = choose(PREDICTORS, methods, progress=progress)
        loaded = load(source, ReadOptions(scale), progress)
        quality = evaluate_stars(loaded, predictors, seed=seed, progress=progress)
    else:
        chosen = choose_methods(methods, progress=progress)
        asked = parse_lengths(lengths)
        loaded = load(source, ReadOptions(scale), progress)
        quality = evaluate_ranking(
            loaded,
            chosen,
            asked,
            packs=read_packs(packs, loaded) if packs else (),
            splits=splits,
            people=people,
            seed=seed,
            progress=progress,
        )
    try:
        quality.save()
        if picture is not None:
            chart(quality).save(str(picture), scale_factor=2)
    except OSError as error:  # the result itself is not lost
        progress.note(f"cannot write {error.filename or picture}: {error.strerror or error}")
    return quality


def _check_picture(picture: Path) -> None:
    """Make sure that the picture can be drawn.

    Raises InvalidInputError where it cannot.
    """
    require("vl_convert", what="--picture")
    if picture.suffix.lower() != ".png" or not picture.absolute().parent.is_dir():
        raise InvalidInputError(
            f"the picture cannot be written to '{picture}': give a file that ends in .png, in a "
            "folder that is there"
        )
