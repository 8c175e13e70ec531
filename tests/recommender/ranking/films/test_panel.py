"""The panel: whose ratings it holds, and what it counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest import append, forget, ingest
from recommender.ranking.films.panel import Panel
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore
from recommender.storage.hash_order import user_hashes
from recommender.storage.index import Index, IndexStore
from recommender.storage.rater_conditions import RaterCondition
from tests.recommender.storage.engines import ENGINES
from tests.support import Ratings, build_index, random_ratings, ratings_text, write_source

RATINGS: Ratings = {
    1: {1: 5, 2: 5, 3: 3, 4: 1, 5: 4},
    2: {1: 5, 2: 3, 3: 5, 4: 5, 6: 5},
    3: {1: 1, 2: 5, 4: 3, 5: 5, 6: 5},
    # Too few ratings to be a neighbour.
    4: {1: 5, 2: 5},
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """Three raters and one with few ratings; films 1 to 6 are numbers 0 to 5."""
    opened = EdgeStore(build_index(tmp_path, RATINGS)).open()
    yield opened
    opened.close()


def test_it_holds_raters_in_the_order_of_their_hashes(index: Index) -> None:
    """Who rated too little is passed over, also where that leaves fewer than asked for."""
    order = [user for user in np.argsort(user_hashes(np.arange(4))).tolist() if user != 3]
    assert Panel.read(index, Ranking()).raters.tolist() == order
    assert Panel.read(index, Ranking(panel=2)).raters.tolist() == order[:2]


def test_likes_count_1_neutral_ratings_half_and_dislikes_a_fifth(index: Index) -> None:
    """Summed over raters 1, 2 and 3, for each of the six films."""
    panel = Panel.read(index, Ranking())
    assert panel.size == 3
    assert panel.sums.tolist() == pytest.approx([2.2, 2.5, 1.5, 1.7, 2.0, 2.0])


def test_it_counts_what_is_rated_together(index: Index) -> None:
    """Film 5 is rated by raters 1 and 3 alone."""
    panel = Panel.read(index, Ranking())
    # 1*1 + 1*.2, 1*1 + 1*1, 1*.5, 1*.2 + 1*.5, 1 + 1, 1*1
    assert panel.together(np.array([4]), np.ones(1), np.arange(6)).tolist() == pytest.approx(
        [1.2, 2.0, 0.5, 0.7, 2.0, 1.0]
    )
    gram = panel.cross(np.arange(6), np.arange(6))
    assert gram[4].tolist() == pytest.approx([1.2, 2.0, 0.5, 0.7, 2.0, 1.0])
    some, worth = np.array([1, 2, 5]), np.array([1.0, 0.5])
    assert panel.together(np.array([0, 3]), worth, some) == pytest.approx(
        (gram[0] + 0.5 * gram[3])[some]
    )


@pytest.mark.parametrize("most", range(7))
def test_what_is_looked_up_is_what_is_counted(index: Index, most: int) -> None:
    """However many films have their co-ratings counted once; film 4, the number 3, is rarest."""
    whole = Panel.read(index, Ranking(ease_raters=2))
    panel = replace(whole, most=most)
    table, films = whole.table(np.arange(6)), np.array([3, 0, 5])
    worth, others = np.array([0.5, 0.3, 0.2]), np.array([1, 2, 3, 4])
    both = table @ table.T
    assert panel.cross(films, others) == pytest.approx(both[np.ix_(films, others)])
    assert panel.together(films, worth, others) == pytest.approx(worth @ both[films][:, others])
    first = table[:, :2] @ table[:, :2].T * 3 / 2
    assert panel.gram(films) == pytest.approx(first[np.ix_(films, films)], rel=1e-6)
    assert panel.sums == pytest.approx(table.sum(axis=1))


def test_what_few_raters_say_is_what_is_counted(tmp_path: Path) -> None:
    """Of one or two of 24 raters their own ratings are looked at, of more those of all."""
    opened = EdgeStore(build_index(tmp_path, random_ratings(5, raters=30))).open()
    try:
        panel = Panel.read(opened, Ranking())
        every = np.arange(opened.manifest.counts.movies)
        for weighted in ([3], [0, 23], [7, 8, 9], range(24)):
            weights = np.zeros(panel.size)
            weights[weighted] = 0.5
            assert panel.weighted(weights, every) == pytest.approx(panel.table(every) @ weights)
    finally:
        opened.close()


def test_who_is_left_out_counts_nowhere(index: Index) -> None:
    """Rater 2 is number 1."""
    panel = Panel.read(index, Ranking()).restricted(None, None, 1)
    assert panel.size == 2
    assert panel.sums.tolist() == pytest.approx([1.2, 2.0, 0.5, 0.7, 2.0, 1.0])
    assert panel.together(np.array([2]), np.ones(1), np.arange(6)).tolist() == pytest.approx(
        [0.5, 0.5, 0.25, 0.1, 0.5, 0.0]
    )


def test_conditions_and_days_restrict_it(tmp_path: Path) -> None:
    """Only raters active since a day count, and of theirs only the ratings since another."""
    times: dict[tuple[int | str, int | str], int]
    times = {(user, film): 86_400 * (10 * user + film) for user in (1, 2) for film in range(1, 6)}
    ratings: Ratings = {user: dict.fromkeys(range(1, 6), 5) for user in (1, 2)}
    source = tmp_path / "ratings.csv"
    source.write_text(ratings_text(ratings, times=times), encoding="utf-8")
    ingest(str(source), index=tmp_path / "index")
    opened = EdgeStore(tmp_path / "index").open()
    try:
        panel = Panel.read(opened, Ranking())
        late = panel.restricted(RaterCondition(active_since=20), None, None)
        assert (late.size, late.sums.tolist()) == (1, [1.0] * 5)
        cut = panel.restricted(None, 14, None)
        assert (cut.size, cut.sums.tolist()) == (2, [1.0, 1.0, 1.0, 2.0, 2.0])
    finally:
        opened.close()


def _panel(store: IndexStore) -> Panel:
    with closing(store.open()) as index:
        return Panel.read(index, Ranking(panel=12))


def _held(panel: Panel) -> list[list[float]]:
    """Who is in it, and what they said."""
    return [part.tolist() for part in (panel.raters, panel.starts, panel.owner, panel.level)]


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_the_same_on_every_engine_before_and_after_changes(
    engine: str, tmp_path: Path
) -> None:
    """Who appends gets that of a full ingest; who is forgotten is in it no more."""
    ratings = random_ratings(3, raters=30)
    first, later = dict(list(ratings.items())[:24]), dict(list(ratings.items())[20:])
    sources = {
        name: str(write_source(tmp_path / name, table))
        for name, table in {"first": first, "later": later, "all": ratings}.items()
    }
    edge, whole = EdgeStore(tmp_path / "edge"), EdgeStore(tmp_path / "whole")
    ingest(sources["all"], index=whole)
    with ENGINES[engine](tmp_path) as store:
        for index in (edge, store):
            ingest(sources["first"], index=index)
        assert _held(_panel(store)) == _held(_panel(edge))
        for index in (edge, store):
            append(sources["later"], index=index)
        assert _held(_panel(store)) == _held(_panel(edge)) == _held(_panel(whole))
        gone = [int(_panel(store).fields[place]["user_id"]) for place in (0, 5)]
        forget(gone, index=store)
        left = {int(fields["user_id"]) for fields in _panel(store).fields}
        assert len(left) == 12
        assert not left & set(gone)
