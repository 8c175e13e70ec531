"""Sets of films that belong together: whoever is given some of them should find the others."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from ingest import Progress
from ingest.reading import Loaded
from kindred.evaluation.held_out import Split, index_without
from kindred.evaluation.methods.method import Fit, Method
from kindred.evaluation.metrics import Figures, share_found
from kindred.evaluation.questions import Questions
from kindred.evaluation.resuming import Finished
from kindred.evaluation.training_data import TrainingData
from kindred.evaluation.tuning import compared, tuned
from recommender import InvalidInputError
from recommender.arrays import Ints
from recommender.opinion import Opinion
from recommender.quality.result import Figure

__all__ = ["Pack", "evaluate_packs", "read_packs"]

_GIVEN = 4
_DRAWS = 6
_FORM = TypeAdapter(dict[str, dict[str, list[int | str]]])
_EXAMPLE = '{"zombies": {"ml-1m": [968, 1261, 3013, 3018, 3652]}}'


@dataclass(frozen=True, eq=False)
class Pack:
    """A set of films that belong together for whoever loves one of them."""

    name: str
    movies: Ints
    """Their numbers, ascending."""


def read_packs(path: Path, loaded: Loaded) -> tuple[Pack, ...]:
    """Read the sets for a source: JSON by name of the set, label of the source, and ids of films.

    The label is the source's name, or that of its folder or file without an ending.

    Raises InvalidInputError where the file cannot be read, has no set for the source, or has one
    with an id that is not in the source, or with too few films.
    """
    try:
        named = _FORM.validate_json(path.read_bytes())
    except OSError as error:
        raise InvalidInputError(
            f"the sets of films in '{path}' cannot be read: {error.strerror}"
        ) from error
    except ValidationError:
        raise InvalidInputError(
            f"'{path}' holds no sets of films: give JSON such as {_EXAMPLE}"
        ) from None
    labels = {loaded.source.name, Path(loaded.source.title).stem}
    numbers = {str(movie_id): place for place, movie_id in enumerate(loaded.ratings.movie_ids)}
    packs = tuple(
        _pack(name, ids, numbers)
        for name, by_label in named.items()
        for label, ids in by_label.items()
        if label in labels
    )
    if not packs:
        known = sorted({label for by_label in named.values() for label in by_label})
        raise InvalidInputError(
            f"'{path}' has no set for {' or '.join(sorted(labels))}, but for {', '.join(known)}"
        )
    return packs


def _pack(name: str, ids: Sequence[int | str], numbers: dict[str, int]) -> Pack:
    for movie_id in ids:
        if str(movie_id) not in numbers:
            raise InvalidInputError(
                f"the set '{name}' has a film {movie_id}, which nobody in the source rated"
            )
    movies = np.unique([numbers[str(movie_id)] for movie_id in ids])
    if len(movies) <= _GIVEN:
        raise InvalidInputError(
            f"the set '{name}' has {len(movies)} films: {_GIVEN} are given, so there must be more"
        )
    return Pack(name, movies)


def evaluate_packs(
    loaded: Loaded,
    packs: Sequence[Pack],
    methods: Sequence[Method],
    *,
    seed: int,
    finished: Finished | None = None,
    progress: Progress,
) -> Iterator[Figure]:
    """Compare methods on sets of films, with nobody held out.

    Four films of a set are given as likes, six times over; and each of its films once, to those
    that compare movies. Figures are means over sets, and intervals from resamples of sets. As for
    people, each method is shown with its best setting for each figure.
    """
    draws = [draw for pack in packs for draw in _draws(pack, seed)]
    alone = [(pack.movies[[at]], pack) for pack in packs for at in range(len(pack.movies))]
    asked = _questions(loaded, draws, "4 of a set"), _questions(loaded, alone, "1 of a set")
    sizes = np.array([len(pack.movies) for pack in packs])

    def ask(fit: Fit, split: Split) -> list[Figures]:
        four, one = split.questions
        found = share_found(fit.recommend(four), four.truth)
        batches = [{"packs_10": found.reshape(-1, _DRAWS).mean(axis=1)}]
        if fit.similar:
            found = share_found(fit.similar(one), one.truth)
            batches += [{"similar_10": np.add.reduceat(found, np.cumsum(sizes) - sizes) / sizes}]
        return batches

    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        kept = index_without(loaded, np.empty(0, dtype=np.int64), Path(folder))
        everybody = Split(Path(folder), TrainingData.of(kept), kept.movie_ids, asked)
        tried = {
            method.name: tuned(
                method,
                [everybody],
                ask,
                by=("packs_10", "similar_10"),
                title=f"{method.name}, sets",
                finished=finished or Finished(),
                progress=progress,
            )
            for method in methods
        }
    yield from compared(tried, 0, asked[0].length, by=("packs_10",), seed=seed)
    similar = {name: found for name, found in tried.items() if len(next(iter(found.values()))) > 1}
    yield from compared(similar, 1, asked[1].length, by=("similar_10",), seed=seed)


def _draws(pack: Pack, seed: int) -> list[tuple[Ints, Pack]]:
    # Seeded by the name: whichever other sets there are, a set's draws stay the same.
    digest = hashlib.sha256(pack.name.encode()).digest()
    dice = np.random.default_rng((seed, int.from_bytes(digest[:8])))
    return [(np.sort(dice.permutation(pack.movies)[:_GIVEN]), pack) for _ in range(_DRAWS)]


def _questions(loaded: Loaded, given: Sequence[tuple[Ints, Pack]], label: str) -> Questions:
    """Likes of the given films, with the others of their set as the right answers."""
    truth = np.zeros((len(given), len(loaded.ratings.movie_ids)), dtype=bool)
    for row, (movies, pack) in enumerate(given):
        truth[row, np.setdiff1d(pack.movies, movies)] = True
    user = np.repeat(np.arange(len(given)), [len(movies) for movies, _ in given])
    stars = np.full(len(user), loaded.ratings.scale.high, dtype=np.float64)
    states = np.full(len(user), Opinion.LIKE.code, dtype=np.uint8)
    movie = np.concatenate([movies for movies, _ in given])
    return Questions(user, movie, stars, states, truth.shape, label, truth)
