"""Small tables of ratings, as an evaluation sees them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ingest.reading import Loaded, load
from kindred.evaluation.methods.method import Scoring
from kindred.evaluation.metrics import NOTHING, top_lists
from kindred.evaluation.questions import Questions
from kindred.evaluation.training_data import TrainingData
from recommender import Scale
from recommender.settings import Weighting
from tests.support import Ratings, write_source

Table = list[list[float]]
"""Stars by person and movie; 0 is no rating."""
FIVE = Scale(low=1, high=5)


def loaded(folder: Path, ratings: Ratings) -> Loaded:
    """Load a table as a source."""
    return load(str(write_source(folder, ratings)))


def train(table: Table) -> TrainingData:
    """Stars by user and movie; 0 is no rating."""
    stars = np.array(table, dtype=float)
    user, movie = np.nonzero(stars)
    given = stars[user, movie]
    states = FIVE.states(given, Weighting())
    return TrainingData(user, movie, given, states, stars.shape)


def ask(table: Table) -> Questions:
    """Stars by person and movie; 0 is no rating. Nothing is known of the truth."""
    said = train(table)
    truth = np.zeros(said.shape, dtype=bool)
    return Questions(said.user, said.movie, said.stars, said.states, said.shape, "some", truth)


def lists(
    method: Scoring, given: TrainingData, asked: Questions, place: int = 0
) -> list[list[int]]:
    """What a method lists with one of its settings."""
    setting = method.grid[place]
    [(_, scorer)] = method.scorers(given, [setting])
    found = top_lists(scorer(asked), asked.seen)
    return [[int(movie) for movie in row if movie != NOTHING] for row in found]
