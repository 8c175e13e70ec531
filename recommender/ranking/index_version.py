"""One version of an index in use, with everything that questions derive from it once."""

from __future__ import annotations

from recommender.arrays import Floats
from recommender.catalogue.movies import Catalogue
from recommender.catalogue.summary import IndexStats, Periods
from recommender.errors import IndexDamagedError
from recommender.ranking.films.genre_similarity import Genres
from recommender.ranking.films.item_similarity import ItemSimilarity
from recommender.ranking.films.panel import Panel
from recommender.ranking.films.similar import Likeness
from recommender.ranking.lists.starters import StarterPool
from recommender.ranking.weights import movie_weights
from recommender.settings import Ranking
from recommender.storage.cache import cached_property
from recommender.storage.index import Index

__all__ = ["IndexVersion"]


class IndexVersion:
    """One version in use: the open index, its catalogue, and how questions to it are answered."""

    def __init__(self, index: Index, ranking: Ranking, place: str) -> None:
        self.index = index
        density = index.manifest.density
        self.ranking = ranking.suited(density.known, density.shared) if density else ranking
        self._place = place
        # Everything else is made at the first question that needs it, as opening must be fast.
        self.catalogue = _catalogue(index)

    @cached_property
    def stats(self) -> IndexStats:
        """What is in the index, and where it comes from."""
        return IndexStats.of(self.index, self.catalogue, place=self._place)

    @cached_property
    def weights(self) -> Floats:
        """Weight of each movie, shape (movies,)."""
        manifest = self.index.manifest
        return movie_weights(
            self.catalogue.counted_ratings, manifest.maintenance.counted_users, manifest.weighting
        )

    @cached_property
    def similarity(self) -> ItemSimilarity:
        """How similar movies are two by two, remembered from one question to the next."""
        return ItemSimilarity(self.index, self.catalogue.ratings)

    @cached_property
    def panel(self) -> Panel:
        """Raters in memory, whose ratings tell which films are rated together."""
        return Panel.read(self.index, self.ranking)

    @cached_property
    def genres(self) -> Genres:
        """What films have in common by genre."""
        return Genres(self.catalogue)

    @cached_property
    def likeness(self) -> Likeness:
        """Which films are similar."""
        return Likeness(self.index, self.catalogue, self.panel, self.genres, self.ranking)

    @cached_property
    def periods(self) -> Periods:
        """What counts as old, new or little known."""
        return Periods.of(self.catalogue)

    @cached_property
    def starter_pool(self) -> StarterPool:
        """What starters are chosen from."""
        return StarterPool.of(self.catalogue, self.likeness)


def _catalogue(index: Index) -> Catalogue:
    """Read all movies, which are as many as the manifest says.

    Raises IndexDamagedError where they are not, or are something else.
    """
    asked = index.manifest.counts.movies
    way_out = "the index is damaged, ingest again"
    try:
        found = Catalogue(index.movies(), movie_ids=index.manifest.movie_ids)
    # Payloads are read without a look at the types of their values; wrong ones are found here.
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise IndexDamagedError(f"a movie cannot be read ({error}): {way_out}") from None
    if len(found) != asked:
        raise IndexDamagedError(
            f"version {index.version} holds {len(found):,} of {asked:,} movies: {way_out}"
        )
    return found
