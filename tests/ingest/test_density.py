"""How much raters say is counted at ingest, and the ranking follows it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ingest import append, forget
from recommender.ranking.index_version import IndexVersion
from recommender.settings import Ranking
from recommender.storage.edge import EdgeStore
from recommender.storage.manifest import Density
from tests.support import Id, build_index, write_source


def rated_alike(raters: int, *, movies: int = 10, disliked: int = 2) -> dict[Id, dict[Id, float]]:
    """Raters of the same movies, of which they all dislike some."""
    one: dict[Id, float] = {movie: 1.0 if movie < disliked else 5.0 for movie in range(movies)}
    return dict.fromkeys(range(raters), one)


def version_of(index: Path) -> IndexVersion:
    """The version in use."""
    with closing(EdgeStore(index)) as store, closing(store.open()) as version:
        return IndexVersion(version, Ranking(), "here")


def test_it_is_counted_over_raters_that_are_stored(tmp_path: Path) -> None:
    """Eight of ten movies are liked, and each was rated by everybody."""
    index = build_index(tmp_path, rated_alike(100))
    density = version_of(index).index.manifest.density
    assert density is not None
    assert density.known == pytest.approx(8)
    assert density.shared == pytest.approx(1)


def test_people_of_one_rating_change_little(tmp_path: Path) -> None:
    """Fifty of them, each of a movie of their own: 1,000 of 1,050 ratings are of movies of all."""
    ratings = rated_alike(100) | {1000 + user: {1000 + user: 5.0} for user in range(50)}
    density = version_of(build_index(tmp_path, ratings)).index.manifest.density
    assert density is not None
    assert density.known == pytest.approx(10 * (1 - 200 / 1050))
    assert density.shared == pytest.approx((10 * 100**2 + 50) / (1050 * 100))


def test_few_raters_say_nothing_of_the_kind_of_data(tmp_path: Path) -> None:
    """The ranking then stays as it is."""
    version = version_of(build_index(tmp_path, rated_alike(99)))
    assert version.index.manifest.density is None
    assert version.ranking == Ranking()


def test_the_ranking_of_a_version_follows_it(tmp_path: Path) -> None:
    """Eight movies are a tenth of what films have: the panel has at most four times as many."""
    ranking = version_of(build_index(tmp_path, rated_alike(100))).ranking
    assert ranking.company_half == pytest.approx(1.2)
    assert (ranking.panel, ranking.ease_raters) == (4 * 4096, 4 * 2048)
    assert ranking.many_ratings == 3


def test_updates_keep_it(tmp_path: Path) -> None:
    """Until the next full ingest, as they keep the weights of movies."""
    index = build_index(tmp_path, rated_alike(100))
    before = version_of(index).index.manifest.density
    more = write_source(tmp_path / "more", {500: dict.fromkeys(range(7), 5.0)}, {})
    append(str(more), index=index)
    forget([3], index=index)
    assert version_of(index).index.manifest.density == before


@pytest.mark.parametrize(
    ("density", "company_half", "panel", "many"),
    [
        (Density(known=138, shared=0.146), 12, 4096, 21),
        (Density(known=80, shared=0.08), 12, 4096, 21),
        (Density(known=40, shared=0.02), 6, 8192, 21),
        (Density(known=27, shared=0.55), 4.05, 12136, 6),
        (Density(known=400, shared=1), 12, 4096, 3),
    ],
    ids=["ml-1m", "films", "half as much", "jokes", "everything rated by all"],
)
def test_films_keep_what_was_tuned_on_them(
    density: Density, company_half: float, panel: int, many: int
) -> None:
    """And others get as much less or more as their raters say."""
    suited = Ranking().suited(density.known, density.shared)
    assert suited.company_half == pytest.approx(company_half)
    assert suited.panel == pytest.approx(panel, abs=1)
    assert suited.many_ratings == many
