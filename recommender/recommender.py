"""The one door for Python callers: ask an index for recommendations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial, wraps
from numbers import Real
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

import numpy as np

from recommender.arrays import Mask
from recommender.catalogue import Movie, MovieKey
from recommender.errors import InvalidInputError, UnknownUserError, VersionGoneError
from recommender.filters import Filters
from recommender.index import IndexStore
from recommender.likeness import similar_scores
from recommender.neighbourhood import find_neighbourhood
from recommender.prediction import Prediction, predict_stars
from recommender.profile import Opinions, Profile
from recommender.recommendations import Evidence, Predict, Recommendations
from recommender.records import ExternalId, as_id, unpack_ratings
from recommender.scoring import Scores, best, vote
from recommender.serving import Serving, Snapshot
from recommender.settings import Ranking
from recommender.starters import pick_starters
from recommender.stats import IndexStats
from recommender.stores import choose_store

__all__ = ["Recommender"]

MAX_LIMIT = 1000

P = ParamSpec("P")
T = TypeVar("T")


def _once_more(
    method: Callable[Concatenate[Recommender, P], T],
) -> Callable[Concatenate[Recommender, P], T]:
    """Ask again where the version asked was replaced, and deleted, in the middle of a question."""

    @wraps(method)
    def asked(self: Recommender, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except VersionGoneError:
            self._store.renew()
            return method(self, *args, **kwargs)

    return asked


class Recommender:
    """Recommends movies from raters with the same taste.

    ::

        with Recommender.open() as rec:
            for row in rec.recommend({2571: 1, 260: 1, 1721: -1}):
                print(row.rank, row.movie, row.because[0])
    """

    def __init__(self, store: IndexStore, *, ranking: Ranking | None = None) -> None:
        """Open the index of a store; :meth:`open` is the usual way.

        Raises
        ------
        IndexProblem
            Where there is no index, or it cannot be read.
        """
        self._store = store
        self._ranking = ranking or Ranking()
        try:
            self._serving = Serving(store)
        except BaseException:
            store.close()
            raise

    @classmethod
    def open(cls, path: str | Path | None = None) -> Self:
        """Open an embedded index, or whatever the environment names.

        Parameters
        ----------
        path : path, optional
            Its folder. Otherwise the one ``KINDRED_INDEX`` names, or the server ``QDRANT_URL``
            names, or the per-user data folder.

        Raises
        ------
        IndexNotFoundError
            Where nothing was ingested yet.
        IndexProblem
            Where the index cannot be read.
        """
        return cls(choose_store(path))

    @classmethod
    def connect(cls, url: str, *, name: str | None = None, api_key: str | None = None) -> Self:
        """Open an index on a Qdrant server, cluster or cloud.

        Parameters
        ----------
        url : str
            Address, with the port unless that is 6333: ``https://qdrant.example.org:443``.
        name : str, optional
            Name of the index there. Otherwise ``QDRANT_NAME``, or ``kindred``.
        api_key : str, optional
            Key; one that may only read is enough. Otherwise ``QDRANT_API_KEY``.

        Raises
        ------
        InvalidInputError
            Where the address or name cannot be used.
        IndexNotFoundError
            Where nothing of this name was ingested yet.
        IndexProblem
            Where the server cannot be reached, refuses the key, or the index cannot be read.
        """
        return cls(choose_store(url=url, name=name, api_key=api_key))

    @_once_more
    def recommend(
        self,
        profile: Profile | Opinions,
        *,
        limit: int = 10,
        genres: Collection[str] | None = None,
        exclude_genres: Collection[str] | None = None,
        years: tuple[int | None, int | None] | None = None,
        min_ratings: int = 0,
        adventurous: float | None = None,
        exclude: Collection[MovieKey] = (),
    ) -> Recommendations:
        """Recommend movies the person has not rated.

        Parameters
        ----------
        profile : Profile or mapping of movie to opinion
            A mapping is read as ``Profile(mapping)``: 1 like, 0 seen, -1 dislike.
        limit : int
            At most this many movies, 1 to 1,000. There are fewer where fewer have support.
        genres, exclude_genres : collection of str, optional
            At least one of these genres; none of those.
        years : (first, last), optional
            Years of release, both included; None leaves an end open.
        min_ratings : int
            Only movies with at least this many ratings in the index.
        adventurous : float, optional
            0 for the most familiar movies to 1 for the least known; tuned in between by default.
        exclude : collection of movies
            Not these.

        Returns
        -------
        Recommendations
            Labelled ``fallback="popular"`` where nobody kindred was found, as for an empty profile.

        Raises
        ------
        InvalidInputError
            Where an argument, movie or genre cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        _check_limit(limit)
        _check_dial(adventurous)
        person = profile if isinstance(profile, Profile) else Profile(profile)
        filters = Filters(genres, exclude_genres, years, min_ratings, exclude)
        with self._serving.snapshot() as snapshot:
            catalogue, index = snapshot.catalogue, snapshot.index
            allowed = filters.mask(catalogue)
            resolved = person.resolve(catalogue, index.manifest)
            own = None if person.user_id is None else index.rater(person.user_id)
            near = find_neighbourhood(
                index, resolved, snapshot.weights, self._ranking, leave_out=own and own.number
            )
            stars = partial(self._stars, person)
            if near is None:
                allowed[resolved.movies] = False
                return _popular(snapshot, allowed, limit, stars if len(person) else None)
            scores = best(vote(near, catalogue, self._ranking, adventurous), allowed, limit)
            evidence = Evidence(near, scores.movies, catalogue, self._ranking)
            return Recommendations(scores, catalogue, evidence=evidence, predict=stars)

    def popular(
        self,
        *,
        limit: int = 10,
        genres: Collection[str] | None = None,
        exclude_genres: Collection[str] | None = None,
        years: tuple[int | None, int | None] | None = None,
        min_ratings: int = 0,
        exclude: Collection[MovieKey] = (),
    ) -> Recommendations:
        """Movies most people like, whoever asks; arguments as of :meth:`recommend`.

        The score is the part of all users who like the movie.
        """
        _check_limit(limit)
        filters = Filters(genres, exclude_genres, years, min_ratings, exclude)
        with self._serving.snapshot() as snapshot:
            return _popular(snapshot, filters.mask(snapshot.catalogue), limit)

    @_once_more
    def similar(self, movie: MovieKey, *, limit: int = 10) -> Recommendations:
        """Movies rated above and below expectation by the same people.

        The score is the cosine of the two movies over raters, damped where these are few; see
        :func:`recommender.likeness.similar_scores`.

        Raises
        ------
        UnknownMovieError
            Where no movie has that id or title.
        """
        _check_limit(limit)
        with self._serving.snapshot() as snapshot:
            number = snapshot.catalogue.resolve(movie)
            hits = snapshot.index.near(number, limit=self._ranking.similar_pool + limit)
            counts, manifest = snapshot.catalogue.ratings, snapshot.index.manifest
            found = similar_scores(hits, number, counts, manifest, self._ranking)
            everything = np.ones(len(snapshot.catalogue), dtype=bool)
            return Recommendations(best(found, everything, limit), snapshot.catalogue)

    def predict(self, profile: Profile | Opinions, movie: MovieKey) -> Prediction:
        """Predict the stars a person would give one movie, as :meth:`predict_many` does."""
        return self.predict_many(profile, [movie])[0]

    @_once_more
    def predict_many(
        self, profile: Profile | Opinions, movies: Sequence[MovieKey]
    ) -> tuple[Prediction, ...]:
        """Predict the stars a person would give movies, one prediction each, in their order.

        They rest on the movies of the profile that the same people rate above and below
        expectation; see :func:`recommender.prediction.predict_stars`. Likes, dislikes and movies
        merely seen count as the mean of such ratings, stars on another scale as their place on it.

        Raises
        ------
        InvalidInputError
            Where a movie or a profile cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        if isinstance(movies, str):
            raise InvalidInputError(f"movies is {movies!r}: give a list, such as [{movies!r}]")
        person = profile if isinstance(profile, Profile) else Profile(profile)
        with self._serving.snapshot() as snapshot:
            index, catalogue = snapshot.index, snapshot.catalogue
            resolved = person.resolve(catalogue, index.manifest)
            numbers = np.array([catalogue.resolve(key) for key in movies], dtype=np.int64)
            return predict_stars(index, catalogue, resolved, numbers, self._ranking)

    def _stars(self, person: Profile, movies: Sequence[Movie]) -> list[float | None]:
        keys = [f"id:{movie.movie_id}" for movie in movies]
        try:
            return [prediction.stars for prediction in self.predict_many(person, keys)]
        except InvalidInputError:  # of a version published since, that is about other movies
            return [None] * len(keys)

    def starters(self, *, limit: int = 24, exclude: Collection[MovieKey] = ()) -> tuple[Movie, ...]:
        """Well-known movies of many kinds, for someone to rate first."""
        _check_limit(limit)
        with self._serving.snapshot() as snapshot:
            allowed = Filters(exclude=exclude).mask(snapshot.catalogue)
            picked = pick_starters(snapshot.catalogue, allowed, limit)
            return tuple(snapshot.catalogue.movie(number) for number in picked)

    def search(self, text: str, *, limit: int = 10) -> tuple[Movie, ...]:
        """Movies whose titles are most like a text, typing errors allowed, best first."""
        _check_limit(limit)
        with self._serving.snapshot() as snapshot:
            found = snapshot.catalogue.titles.search(text, limit)
            return tuple(snapshot.catalogue.movie(number) for number in found)

    def movie(self, movie: MovieKey) -> Movie:
        """Return the movie with an id, ``imdb:`` or ``tmdb:`` id, or exact title.

        Raises
        ------
        UnknownMovieError
            Where there is none; the message names what is close.
        AmbiguousMovieError
            Where several movies have that title.
        """
        with self._serving.snapshot() as snapshot:
            return snapshot.catalogue.movie(snapshot.catalogue.resolve(movie))

    @_once_more
    def profile_of(self, user_id: ExternalId) -> Profile:
        """Return the ratings of a stored rater; asking with them leaves that rater out.

        Raises
        ------
        UnknownUserError
            Where no rater with that id is stored.
        """
        with self._serving.snapshot() as snapshot:
            index, catalogue = snapshot.index, snapshot.catalogue
            manifest = index.manifest
            key = as_id(user_id, manifest.user_ids)
            rater = None if key is None else index.rater(key)
            if rater is None:
                raise UnknownUserError(
                    f"no stored rater has the id '{user_id}': it is not in the source, or has "
                    f"fewer than {manifest.weighting.min_ratings} ratings"
                )
            rated = unpack_ratings([rater.packed], timed=manifest.timed)
            stars = manifest.scale.unpack(rated.units).tolist()
            named: dict[MovieKey, float] = {
                f"id:{catalogue.movie(number).movie_id}": star
                for number, star in zip(rated.movie.tolist(), stars, strict=True)
            }
            return Profile.of_rater(rater.user_id, named, manifest.scale)

    def stats(self) -> IndexStats:
        """What is in the index, and where it comes from."""
        with self._serving.snapshot() as snapshot:
            return IndexStats.of(snapshot, self._store.place)

    def close(self) -> None:
        """Release the index. Closing twice is allowed; asking afterwards is an error."""
        self._serving.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _popular(
    snapshot: Snapshot, allowed: Mask, limit: int, predict: Predict | None = None
) -> Recommendations:
    catalogue, manifest = snapshot.catalogue, snapshot.index.manifest
    movies = catalogue.popular[allowed[catalogue.popular]][:limit]
    parts = catalogue.likes[movies] / max(manifest.counts.users, 1)
    nobody = np.zeros(len(movies), dtype=np.int64)
    scores = Scores(movies, parts, nobody)
    return Recommendations(scores, catalogue, fallback="popular", predict=predict)


def _check_limit(limit: int) -> None:
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise InvalidInputError(f"limit is {limit!r}: give a whole number from 1 to {MAX_LIMIT}")


def _check_dial(adventurous: float | None) -> None:
    dial = 0 if adventurous is None else adventurous
    if not isinstance(dial, Real) or not 0 <= dial <= 1:
        raise InvalidInputError(
            f"adventurous is {adventurous!r}: give 0 (familiar) to 1 (least known)"
        )
