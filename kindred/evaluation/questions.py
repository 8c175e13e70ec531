"""What each person held out says of some movies, and which others would be the right answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.cleaning import CleanRatings
from kindred.evaluation.training_data import RatingTable, states_of
from recommender import InvalidInputError
from recommender.arrays import Bytes, Ints, Mask
from recommender.opinion import Opinion
from recommender.validation import invalid

__all__ = ["Length", "Questions", "draw_questions", "parse_lengths"]

# So many of a person's ratings must be left beside the question, and one of them must be a like:
# where there is no right answer, no list can be measured.
_MIN_REST = 5


@dataclass(frozen=True)
class Length:
    """How many ratings a question is made of: a number, or a part of what the person rated."""

    label: str
    number: int
    """Ratings, or percent of them where the label says so."""

    def of(self, rated: int) -> int:
        """Count the ratings in the question of someone who gave ``rated`` of them."""
        return self.number * rated // 100 if self.label.endswith("%") else self.number


def parse_lengths(given: str | Sequence[int | str]) -> tuple[Length, ...]:
    """Read lengths such as ``3,10,80%``, or a list of such.

    Raises InvalidInputError where one is neither a number of ratings nor a part of them.

    Examples
    --------
    >>> [length.of(50) for length in parse_lengths("3,80%")]
    [3, 40]
    """
    if not isinstance(given, str | Iterable):
        raise invalid("lengths", given, "a list, such as [3, 10, '80%']")
    labels = given.split(",") if isinstance(given, str) else map(str, given)
    if found := tuple(dict.fromkeys(_length(label.strip()) for label in labels)):
        return found
    raise InvalidInputError("there is no length of a question: give one at least, such as 10")


def _length(label: str) -> Length:
    digits = label.removesuffix("%")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0
    if number >= 1 and (number <= 99 or digits == label):
        return Length(label, number)
    raise InvalidInputError(
        f"'{label}' is no length of a question: give a number of ratings, or 1% to 99% of a "
        "person's ratings, with commas between several, such as 3,10,80%"
    )


@dataclass(frozen=True, eq=False)
class Questions(RatingTable):
    """One question of one length for each of several people, who are its users."""

    length: str
    truth: Mask
    """Whether a movie is one of the person's other likes, shape (people, movies)."""

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def seen(self) -> Mask:
        """Whether a movie is in the question, and so no answer to it; shape (people, movies)."""
        return self._table(np.ones(len(self.user), dtype=bool))

    @property
    def liked(self) -> Mask:
        """Whether a movie is in the question as a like, likewise."""
        return self._table(self.states == Opinion.LIKE.code)

    def _table(self, kept: Mask) -> Mask:
        found = np.zeros(self.shape, dtype=bool)
        found[self.user[kept], self.movie[kept]] = True
        return found


def draw_questions(
    ratings: CleanRatings, people: Ints, lengths: tuple[Length, ...], *, seed: int
) -> tuple[Questions, ...]:
    """Draw a question of each length for each of these people.

    A person's ratings are put into an order by chance that depends on the seed and the person
    alone; the first ``n`` are the question, and the likes among the others the truth. Whoever has
    fewer than ``n + 5`` ratings, or no like among those others, is not asked at that length.
    """
    starts = np.searchsorted(ratings.user, np.arange(len(ratings.user_ids) + 1))
    states = states_of(ratings)
    # Seeded by the person: whoever else is asked, and at which lengths, a question stays the same.
    orders = [
        np.random.default_rng((seed, person)).permutation(
            np.arange(starts[person], starts[person + 1])
        )
        for person in np.sort(people).tolist()
    ]
    return tuple(_draw(ratings, states, orders, length) for length in lengths)


def _draw(ratings: CleanRatings, states: Bytes, orders: list[Ints], length: Length) -> Questions:
    in_question, right = [], []
    for order in orders:
        size = length.of(len(order))
        rest = order[size:]
        liked = rest[states[rest] == Opinion.LIKE.code]
        if size and len(rest) >= _MIN_REST and len(liked):
            in_question.append(np.sort(order[:size]))
            right.append(ratings.movie[liked])
    truth = np.zeros((len(in_question), len(ratings.movie_ids)), dtype=bool)
    for row, movies in enumerate(right):
        truth[row, movies] = True
    rows = np.concatenate([*in_question, np.empty(0, dtype=np.int64)])
    owner = np.repeat(np.arange(len(in_question)), [len(part) for part in in_question])
    columns = owner, ratings.movie[rows], ratings.stars[rows], states[rows]
    return Questions(*columns, truth.shape, length.label, truth)
