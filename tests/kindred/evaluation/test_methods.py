"""Every method on a table that can be worked out by hand, or against its definition."""

from __future__ import annotations

import importlib.util
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.quality.notebook import Notebook
from ingest import Progress
from kindred.evaluation.held_out import Split, index_without
from kindred.evaluation.methods import choice
from kindred.evaluation.methods.choice import METHODS, choose, choose_methods
from kindred.evaluation.methods.kindred import Kindred
from kindred.evaluation.methods.matrices import ALS, EASE, EASEDAN
from kindred.evaluation.methods.method import Scoring, settings
from kindred.evaluation.methods.neighbours import (
    ItemKNN,
    Popular,
    Tutorial,
    TutorialWeighted,
    UserCosine,
)
from kindred.evaluation.metrics import NOTHING
from kindred.evaluation.training_data import VALUES, Array, TrainingData
from recommender import InvalidInputError
from tests.kindred.evaluation.tables import Table, ask, lists, loaded, train

# Two kinds of people: some like movies 0 to 2, some 3 to 5.
TWO_KINDS: Table = [
    [5, 5, 5, 1, 0, 2],
    [5, 5, 4, 2, 1, 0],
    [4, 5, 5, 0, 2, 1],
    [5, 4, 0, 1, 1, 2],
    [1, 2, 0, 5, 5, 5],
    [2, 0, 1, 5, 4, 5],
    [0, 1, 2, 4, 5, 5],
]


def random_table(seed: int, people: int, movies: int = 12) -> Table:
    """Whole stars by chance, about half of them given, and each movie at least once."""
    dice = np.random.default_rng(seed)
    stars = dice.integers(1, 6, (people, movies)) * (dice.random((people, movies)) < 0.5)
    stars[0] = dice.integers(1, 6, movies)
    found: Table = stars.tolist()
    return found


def scores(method: Scoring, given: Table, asked: Table, place: int = 0) -> Array:
    """Scores by one of a method's settings."""
    [(_, scorer)] = method.scorers(train(given), [method.grid[place]])
    return scorer(ask(asked))


def worth(table: Table, values: str) -> Array:
    """What ratings are worth, by person and movie."""
    like, neutral, dislike = VALUES[values]
    stars = np.array(table)
    return np.select([stars >= 4, stars > 2.5, stars > 0], [like, neutral, dislike], 0.0)


def unit(rows: Array) -> Array:
    """Rows of length one, or nothing."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))


@pytest.mark.parametrize(
    "method",
    [Tutorial(), TutorialWeighted(), UserCosine(), ItemKNN(), ALS()],
    ids=lambda method: method.name,
)
def test_somebody_of_a_kind_gets_what_that_kind_likes(method: Scoring) -> None:
    """Two likes and a dislike are enough to tell."""
    asked = ask([[5, 5, 0, 1, 0, 0], [0, 1, 0, 5, 5, 0]])
    assert [found[0] for found in lists(method, train(TWO_KINDS), asked)] == [2, 5]


def test_popular_is_the_number_of_likes() -> None:
    """Likes of the movies are 1, 3 and 2; what the person rated is not listed."""
    given = train([[2, 5, 5], [5, 4, 4], [0, 5, 1]])
    assert lists(Popular(), given, ask([[1, 0, 0], [0, 4, 0]])) == [[1, 2], [2, 0]]


def test_the_tutorial_forgets_what_its_neighbours_said() -> None:
    """It lists what they disliked as high as what they liked, and nothing they did not rate."""
    given, asked = train([[5, 1, 4, 0], [0, 0, 0, 5]]), ask([[5, 0, 0, 0]])
    assert lists(Tutorial(), given, asked) == [[1, 2]]
    assert lists(TutorialWeighted(), given, asked) == [[2, 1]]


def test_the_tutorial_is_the_notebook() -> None:
    """The same lists as from qdrant-client, for likes, dislikes and movies seen."""
    dice = np.random.default_rng(2)
    # Stars of any value, so that no two raters are equally near.
    stars = dice.uniform(1, 5, (60, 30)) * (dice.random((60, 30)) < 0.5)
    user, movie = np.nonzero(stars)
    table = pd.DataFrame({"user": user, "movie": movie, "stars": stars[user, movie]})
    asked = np.zeros((8, 30))
    for row in asked:
        row[dice.permutation(30)[:6]] = [5, 5, 4, 3, 2, 1]
    found = lists(Tutorial(), train(stars.tolist()), ask(asked.tolist()))
    with closing(Notebook(table)) as notebook:
        for row, mine in zip(asked, found, strict=True):
            said = {5: 1.0, 4: 1.0, 3: 0.0, 2: -1.0, 1: -1.0}
            opinions = {movie: said[row[movie]] for movie in row.nonzero()[0].tolist()}
            assert mine == [movie for movie, _ in notebook.recommend(opinions, 10)]


@pytest.mark.parametrize("place", [0, 5, 10])
def test_user_cosine_is_its_definition(place: int) -> None:
    """With fewer raters than neighbours, all that are alike vote."""
    given, asked = random_table(1, 9), random_table(2, 4)
    values = list(VALUES)[place // 5]
    alike = unit(worth(asked, values)) @ unit(worth(given, values)).T
    expected = np.maximum(alike, 0) @ worth(given, values)
    assert scores(UserCosine(), given, asked, place) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("people", [8, 40], ids=["more movies", "more people"])
@pytest.mark.parametrize("place", [0, 9, 23])
def test_ease_is_its_definition(people: int, place: int) -> None:
    """The inverse of the regularised Gram matrix, over its diagonal, with zeros there."""
    given, asked = random_table(7, people), random_table(8, 4)
    chosen = dict(EASE().grid[place])
    x = worth(given, str(chosen["values"]))
    inverse = np.linalg.inv(x.T @ x + float(chosen["regularization"]) * np.eye(12))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    expected = worth(asked, str(chosen["values"])) @ weights
    found = scores(EASE(), given, asked, place)
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-4 * abs(expected).max())


@pytest.mark.parametrize("people", [8, 40], ids=["more movies", "more people"])
@pytest.mark.parametrize("powers", [(0.0, 0.0, 0.0), (0.5, 0.3, 0.2)])
def test_ease_dan_is_its_definition(people: int, powers: tuple[float, float, float]) -> None:
    """With all its powers at zero it is EASE; users weigh one in the mean over ratings."""
    given, asked = random_table(7, people), random_table(8, 4)
    length_power, dropout, popularity_power = powers
    lengths = np.count_nonzero(given, axis=1)
    weights = lengths**-length_power
    weights /= (weights * lengths).sum() / lengths.sum()
    x = worth(given, "graded")
    gram = x.T @ (x * weights[:, None])
    ridge = 3 * np.eye(12) + dropout / (1 - dropout) * np.diag(np.diag(gram))
    inverse = np.linalg.inv(gram + ridge)
    wanted = -inverse / np.diag(inverse)
    np.fill_diagonal(wanted, 0)
    rated = np.count_nonzero(given, axis=0) ** popularity_power
    expected = worth(asked, "graded") @ (wanted * rated[:, None] / rated)
    setting = settings(
        values=["graded"],
        length_power=[length_power],
        regularization=[3.0],
        dropout=[dropout],
        popularity_power=[popularity_power],
    )
    [(_, scorer)] = EASEDAN().scorers(train(given), setting)
    assert scorer(ask(asked)) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_a_movie_with_few_ratings_is_in_no_list() -> None:
    """Here one that four people rated, though they all like it, and one that five did."""
    given = train([[5, 5, 5], [5, 5, 5], [5, 5, 5], [5, 5, 5], [5, 0, 5]])
    split = Split(Path(), given, [1, 2, 3], ())
    [(_, fit)] = Popular().fit(split, [Popular().grid[0]])
    assert fit.recommend(ask([[5, 0, 0]])).tolist() == [[2, NOTHING, NOTHING]]


def test_kindred_leaves_out_the_same(tmp_path: Path) -> None:
    """In what it recommends and in what it finds similar."""
    # Nine people like the first two, and four of them the third.
    ratings = {user: dict.fromkeys([1, 2, 3] if user < 4 else [1, 2], 5.0) for user in range(9)}
    source = loaded(tmp_path / "source", ratings | {9: {1: 1.0, 2: 1.0}})
    kept = index_without(source, np.empty(0, dtype=np.int64), tmp_path / "index")
    split = Split(tmp_path / "index", TrainingData.of(kept), kept.movie_ids, ())
    for _, fit in Kindred().fit(split, [()]):
        for answer in (fit.recommend, fit.similar):
            assert answer is not None
            assert answer(ask([[5, 0, 0]])).tolist() == [[1, *[NOTHING] * 9]]


def test_als_takes_a_dislike_for_confidence_in_not_liking() -> None:
    """A signed dislike pushes down what its friends like; one that is worth nothing does not."""
    asked: Table = [[0, 0, 0, 1, 0, 0]]
    place = {dict(s)["values"]: n for n, s in enumerate(ALS().grid)}
    assert (scores(ALS(), TWO_KINDS, asked, place["likes"]) == 0).all()
    assert scores(ALS(), TWO_KINDS, asked, place["signed"])[0, 4:].max() < 0.1


def test_every_setting_of_a_grid_is_another() -> None:
    """None is tried twice, and finer ones are around the best."""
    for method in METHODS:
        grid = method.grid
        assert len(grid) == len(set(grid)) > 0
    best = settings(values=["likes"], regularization=[1.0], factors=[32], confidence=[3.0])
    assert len(ALS().finer(best)) == 16
    found = EASEDAN().finer(EASEDAN().grid[:2])
    assert len(set(found)) == len(found) == 18


def test_methods_are_chosen_by_name() -> None:
    """Kindred is always one, for the others to be compared with."""
    chosen = choose(METHODS, "ease, popular", progress=Progress())
    assert [method.name for method in chosen] == ["kindred", "popular", "ease"]
    with pytest.raises(InvalidInputError, match=r"no method 'eas': choose kindred, popular"):
        choose(METHODS, "eas", progress=Progress())


def test_kindred_is_asked_at_a_place_on_its_dial() -> None:
    """By a name of its own, beside the default."""
    chosen = choose_methods("kindred@0.75, popular", progress=Progress())
    assert [method.name for method in chosen] == ["kindred", "popular", "kindred@0.75"]
    for name in ("kindred@", "kindred@far", "kindred@1.5", "kindred@nan"):
        with pytest.raises(InvalidInputError, match=f"'{name}' is no place on the dial: give one"):
            choose_methods(name, progress=Progress())


class Noted(Progress):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        """Remember."""
        self.lines.append(line)


def test_a_method_without_its_package_is_left_out_or_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a line that says how to get it; asked for by name, it is an error."""
    there = importlib.util.find_spec
    monkeypatch.setattr(
        choice, "find_spec", lambda name: None if name == "implicit" else there(name)
    )
    told: Progress = (noted := Noted())
    names = [method.name for method in choose(METHODS, None, progress=told)]
    assert "ease" in names
    assert not {"als", "item-knn"} & set(names)
    assert len(noted.lines) == 1
    assert "item-knn, als" in noted.lines[0]
    assert "pip install 'kindred-recommender[benchmarks]'" in noted.lines[0]
    with pytest.raises(InvalidInputError, match="'als' needs the package implicit: pip install"):
        choose(METHODS, "als", progress=noted)
