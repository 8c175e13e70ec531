"""The one door for Python callers: ask an index for recommendations."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

import numpy as np

from recommender.arrays import Mask
from recommender.catalogue.listed_films import Match, Mention, match_mentions
from recommender.catalogue.movies import Movie, MovieKey
from recommender.catalogue.summary import Overview
from recommender.errors import InvalidInputError, UnknownUserError, VersionGoneError
from recommender.filters import Filters
from recommender.logs import logged
from recommender.profile import Opinions, Profile, ResolvedProfile
from recommender.ranking import popularity
from recommender.ranking.explanations import Explanation, Neighbour, explain, kindred_raters
from recommender.ranking.neighbours import Neighbourhood, find_neighbourhood
from recommender.ranking.rows import Row, Shelf, default_shelves, fill_rows
from recommender.ranking.stars import Prediction, predict_stars
from recommender.ranking.starters import pick_starters
from recommender.ranking.votes import best, vote
from recommender.results import Evidence, Predict, Recommendations, Stars
from recommender.settings import Ranking
from recommender.stats import IndexStats
from recommender.storage.encoding import ExternalId, as_id
from recommender.storage.index import IndexStore
from recommender.storage.live_index import Serving, Snapshot
from recommender.storage.open_store import choose_store
from recommender.storage.rater_conditions import Day, Raters, choose_people, first_day
from recommender.storage.storage_report import Storage
from recommender.validation import check_dial, check_limit, shown

__all__ = ["Recommender"]

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def _question(
    method: Callable[Concatenate[Recommender, P], T],
) -> Callable[Concatenate[Recommender, P], T]:
    """Log how a question went; ask again where the version asked was replaced, and deleted, in the
    middle of it."""

    @wraps(method)
    def asked(self: Recommender, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with logged(_log, "answered", kind=method.__name__) as fields:
            given = kwargs.get("profile", args[0] if args else None)
            if isinstance(given, Profile | Mapping):
                fields["ratings"] = len(given)
            try:
                answer = method(self, *args, **kwargs)
            except VersionGoneError:
                self._store.renew()
                answer = method(self, *args, **kwargs)
            fields.update(_counts(answer), version=self._serving.version)
        return answer

    return asked


def _counts(answer: object) -> dict[str, object]:
    """Tell how much an answer holds and rests on, and nothing of what it says."""
    if isinstance(answer, Recommendations):
        told = {"movies": len(answer), "neighbours": answer.neighbours}
        return {**told, "fallback": answer.fallback}
    if not isinstance(answer, tuple):
        return {}
    if rows := [row.movies for row in answer if isinstance(row, Row)]:
        neighbours = max(movies.neighbours for movies in rows)
        return {"rows": len(rows), "movies": sum(map(len, rows)), "neighbours": neighbours}
    return {"found": len(answer)}


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

    @_question
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
        tags: Collection[str] | None = None,
        title: str | None = None,
        neighbours_since: Day | None = None,
        votes_since: Day | None = None,
        raters: Raters | None = None,
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
            Not these; thousands are as good as free, so that what was shown before can stay out.
        tags : collection of str, optional
            At least one of these tags, in any case; only where the source has tags.
        title : str, optional
            This text in the title, from the beginning of a word on: ``"star"`` finds *Star Wars*
            and *Stardust*.
        neighbours_since : date or str, optional
            Only raters whose last rating was given on or after this day (``2015-12-31``).
        votes_since : date or str, optional
            Only ratings given on or after this day count as votes; who is kindred depends on all.
        raters : mapping of str to values, optional
            Only raters with these attributes, such as ``{"age": "25-34"}``, where the source tells
            them; :meth:`stats` names what there is.

        Returns
        -------
        Recommendations
            Labelled ``fallback="popular"`` where nobody kindred was found, as for an empty profile.

        Raises
        ------
        InvalidInputError
            Where an argument, movie, genre or tag cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        check_limit(limit)
        check_dial(adventurous)
        person = Profile.of(profile)
        filters = Filters(genres, exclude_genres, years, min_ratings, exclude, tags, title)
        with self._serving.snapshot() as snapshot:
            catalogue, index = snapshot.catalogue, snapshot.index
            allowed = filters.mask(catalogue)
            resolved = person.resolve(catalogue, index.manifest)
            near = self._near(snapshot, person, resolved, (neighbours_since, votes_since), raters)
            predict = partial(self._stars, person)
            if near is None:
                allowed[resolved.movies] = False
                return _popular(snapshot, allowed, limit, predict if len(person) else None)
            scores = best(vote(near, catalogue, self._ranking, adventurous), allowed, limit)
            evidence = Evidence(near, scores.movies, catalogue, self._ranking)
            stars = Stars(predict, scores.movies, catalogue)
            return Recommendations(scores, catalogue, evidence=evidence, stars=stars)

    def _near(
        self,
        snapshot: Snapshot,
        person: Profile,
        resolved: ResolvedProfile,
        since: tuple[Day | None, Day | None],
        raters: Raters | None,
    ) -> Neighbourhood | None:
        """Find the neighbours of a person; ``since`` is for neighbours and for votes."""
        index, manifest = snapshot.index, snapshot.index.manifest
        people = choose_people(manifest, since=since[0], raters=raters)
        votes_since = first_day("votes_since", since[1], manifest)
        own = None if person.user_id is None else index.rater(person.user_id)
        return find_neighbourhood(
            index,
            resolved,
            snapshot.weights,
            self._ranking,
            leave_out=own and own.number,
            people=people,
            votes_since=votes_since,
        )

    @_question
    def neighbours(
        self,
        profile: Profile | Opinions,
        *,
        limit: int = 20,
        neighbours_since: Day | None = None,
        votes_since: Day | None = None,
        raters: Raters | None = None,
    ) -> tuple[Neighbour, ...]:
        """Kindred raters of a person, most similar first: what they agree and disagree on.

        They are those behind the list that :meth:`recommend` gives for the same arguments. A stored
        rater is never their own neighbour. There are none for an empty profile.

        Raises
        ------
        InvalidInputError
            Where an argument or a movie cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        check_limit(limit)
        person = Profile.of(profile)
        with self._serving.snapshot() as snapshot:
            resolved = person.resolve(snapshot.catalogue, snapshot.index.manifest)
            near = self._near(snapshot, person, resolved, (neighbours_since, votes_since), raters)
            return () if near is None else kindred_raters(snapshot, near, limit)

    @_question
    def explain(
        self,
        profile: Profile | Opinions,
        movie: MovieKey,
        *,
        adventurous: float | None = None,
        neighbours_since: Day | None = None,
        votes_since: Day | None = None,
        raters: Raters | None = None,
    ) -> Explanation:
        """Show the whole calculation of one movie's score: neighbours, votes, damping, the sum.

        The score is the one in the list that :meth:`recommend` gives for the same arguments.

        Raises
        ------
        InvalidInputError
            Where an argument or a movie cannot be used, or the movie is in the profile.
        IndexProblem
            Where the index cannot be read.
        """
        check_dial(adventurous)
        person = Profile.of(profile)
        with self._serving.snapshot() as snapshot:
            resolved = person.resolve(snapshot.catalogue, snapshot.index.manifest)
            number = snapshot.catalogue.resolve(movie)
            near = self._near(snapshot, person, resolved, (neighbours_since, votes_since), raters)
            return explain(snapshot, near, resolved, number, self._ranking, adventurous)

    @_question
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
        check_limit(limit)
        filters = Filters(genres, exclude_genres, years, min_ratings, exclude)
        with self._serving.snapshot() as snapshot:
            return _popular(snapshot, filters.mask(snapshot.catalogue), limit)

    @_question
    def trending(self, *, limit: int = 10) -> Recommendations:
        """Movies liked often in the last days of the source, for how well liked they are.

        The score is the likes of the last days (90, see ``recent_days``) over the square root of
        all likes and ten more.

        Raises
        ------
        InvalidInputError
            Where the source has no times.
        """
        check_limit(limit)
        with self._serving.snapshot() as snapshot:
            everything = np.ones(len(snapshot.catalogue), dtype=bool)
            scores = popularity.trending(snapshot, everything, limit, self._ranking)
            return Recommendations(scores, snapshot.catalogue, fallback="trending")

    @_question
    def rows(
        self,
        profile: Profile | Opinions,
        *,
        limit: int = 10,
        shelves: Iterable[Shelf] | None = None,
        genres: Collection[str] | None = None,
        exclude_genres: Collection[str] | None = None,
        years: tuple[int | None, int | None] | None = None,
        min_ratings: int = 0,
        adventurous: float | None = None,
        exclude: Collection[MovieKey] = (),
        neighbours_since: Day | None = None,
        votes_since: Day | None = None,
        raters: Raters | None = None,
    ) -> tuple[Row, ...]:
        """Rows of movies for a start page: top picks, popular, trending, classics, hidden gems ...

        One search of neighbours serves them all, and so do one explanation and one prediction, at
        the first request for a reason or for stars. They are filled in order, and no movie stands
        in two of them. A row with nothing left is dropped. What was shown before goes into
        ``exclude``, of any size, so that the next visit brings something else.

        Parameters
        ----------
        profile : Profile or mapping of movie to opinion
            As of :meth:`recommend`. Where nobody kindred is found, as for an empty one, there are
            the rows that need no taste, and those by kindred raters hold what is popular.
        limit : int
            At most this many movies in a row, 1 to 1,000.
        shelves : iterable of Shelf, optional
            What the rows are to hold; a choice that fits catalogue and person unless given.
        genres, exclude_genres, years, min_ratings, adventurous, exclude
            As of :meth:`recommend`, for all rows.
        neighbours_since, votes_since, raters
            Likewise.

        Raises
        ------
        InvalidInputError
            Where an argument, movie, genre or tag cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        check_limit(limit)
        check_dial(adventurous)
        person = Profile.of(profile)
        filters = Filters(genres, exclude_genres, years, min_ratings, exclude)
        with self._serving.snapshot() as snapshot:
            allowed = filters.mask(snapshot.catalogue)
            resolved = person.resolve(snapshot.catalogue, snapshot.index.manifest)
            near = self._near(snapshot, person, resolved, (neighbours_since, votes_since), raters)
            if shelves is None:
                shelves = list(default_shelves(snapshot, resolved, kindred=near is not None))
            allowed[resolved.movies] = False
            return fill_rows(
                snapshot,
                shelves,
                near,
                allowed,
                limit,
                self._ranking,
                adventurous=adventurous,
                predict=partial(self._stars, person) if len(person) else None,
            )

    @_question
    def similar(self, movie: MovieKey, *, limit: int = 10) -> Recommendations:
        """Movies rated above and below expectation by the same people.

        The score is the cosine of the two movies over raters, damped where these are few; see
        :func:`recommender.ranking.item_similarity.similar_scores`.

        Raises
        ------
        UnknownMovieError
            Where no movie has that id or title.
        """
        check_limit(limit)
        with self._serving.snapshot() as snapshot:
            number = snapshot.catalogue.resolve(movie)
            everything = np.ones(len(snapshot.catalogue), dtype=bool)
            found = popularity.similar(snapshot, number, everything, limit, self._ranking)
            return Recommendations(found, snapshot.catalogue)

    def predict(self, profile: Profile | Opinions, movie: MovieKey) -> Prediction:
        """Predict the stars a person would give one movie, as :meth:`predict_many` does."""
        return self.predict_many(profile, [movie])[0]

    @_question
    def predict_many(
        self, profile: Profile | Opinions, movies: Sequence[MovieKey]
    ) -> tuple[Prediction, ...]:
        """Predict the stars a person would give movies, one prediction each, in their order.

        They rest on the movies of the profile that the same people rate above and below
        expectation; see :func:`recommender.ranking.stars.predict_stars`. Likes, dislikes and movies
        merely seen count as the mean of such ratings where the profile has no stars of them, stars
        on another scale as their place on it.

        Raises
        ------
        InvalidInputError
            Where a movie or a profile cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        if isinstance(movies, str) or not isinstance(movies, Sequence):
            raise InvalidInputError(
                f"movies is {shown(movies)}: give a list, such as [{shown(movies)}]"
            )
        person = Profile.of(profile)
        with self._serving.snapshot() as snapshot:
            catalogue = snapshot.catalogue
            resolved = person.resolve(catalogue, snapshot.index.manifest)
            numbers = np.array([catalogue.resolve(key) for key in movies], dtype=np.int64)
            return predict_stars(snapshot, resolved, numbers, self._ranking)

    def _stars(self, person: Profile, movies: Sequence[Movie]) -> list[float | None]:
        keys = [f"id:{movie.movie_id}" for movie in movies]
        try:
            return [prediction.stars for prediction in self.predict_many(person, keys)]
        except InvalidInputError:  # of a version published since, that is about other movies
            return [None] * len(keys)

    @_question
    def starters(
        self,
        profile: Profile | Opinions | None = None,
        *,
        limit: int = 24,
        exclude: Collection[MovieKey] = (),
    ) -> tuple[Movie, ...]:
        """Well-known movies that tell tastes apart, for someone to rate first.

        Each is unlike those before it, and unlike those of the ``profile``, which are left out; see
        :func:`recommender.ranking.starters.pick_starters`. What the person did not know goes into
        ``exclude``.

        Raises
        ------
        InvalidInputError
            Where an argument or a movie cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        check_limit(limit)
        person = Profile.of({} if profile is None else profile)
        with self._serving.snapshot() as snapshot:
            catalogue = snapshot.catalogue
            rated = person.resolve(catalogue, snapshot.index.manifest).movies
            allowed = Filters(exclude=exclude).mask(catalogue)
            allowed[rated] = False
            picked = pick_starters(snapshot.starter_pool, catalogue, allowed, rated, limit)
            return tuple(catalogue.movie(number) for number in picked)

    @_question
    def search(self, text: str, *, limit: int = 10) -> tuple[Movie, ...]:
        """Movies whose titles are most like a text, typing errors allowed, best first.

        Those tagged with the text come after the titles that hold it.
        """
        check_limit(limit)
        with self._serving.snapshot() as snapshot:
            found = snapshot.catalogue.search(text, limit)
            return tuple(snapshot.catalogue.movie(number) for number in found)

    @_question
    def match(self, mentions: Sequence[Mention]) -> tuple[Match, ...]:
        """Find the movies that another list names, one match for each, in their order.

        Ids count first; an id of this index only where the title is that of the movie, too. Then
        titles are compared: case, accents, articles, signs, the way numbers are written and other
        names in brackets aside, with the year or one beside it. What is less certain is suggested,
        and never sure: another year, an almost equal title, a part of a title. Thousands are found
        in a second or two.

        Parameters
        ----------
        mentions : sequence of Mention
            Title and year, and ids where they are known.

        Examples
        --------
        ::

            seven, star_wars = rec.match([Mention("Se7en", 1995), Mention("Star Wars", 1977)])
            seven.movie         # Movie: Seven (a.k.a. Se7en)
            star_wars.movies    # to choose from: Star Wars: Episode IV - A New Hope
        """
        with self._serving.snapshot() as snapshot:
            return match_mentions(snapshot.catalogue, mentions)

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

    def find(self, movies: Iterable[MovieKey]) -> tuple[Movie | None, ...]:
        """Return the movies with these ids, ``imdb:`` or ``tmdb:`` ids, None where there is none.

        No title is looked at, and what is not there costs no more than what is.
        """
        with self._serving.snapshot() as snapshot:
            catalogue = snapshot.catalogue
            numbers = [catalogue.find(key) for key in movies]
            return tuple(None if n is None else catalogue.movie(n) for n in numbers)

    @_question
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
                    f"nobody in this index has the id {shown(user_id)}: give one of a user of the "
                    "source"
                )
            rated = index.rated([rater])
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

    def overview(self) -> Overview:
        """Tell how many ratings all stars, genres and decades have, to compare a person with."""
        with self._serving.snapshot() as snapshot:
            return snapshot.overview

    def verify(self) -> tuple[str, ...]:
        """Check the index against its checksums, and on a server against its counts.

        Returns
        -------
        tuple of str
            The versions that are whole: the current one and, in a folder, the one kept before it.

        Raises
        ------
        IndexDamagedError
            Where something is not as it was written; it is named, and so is the way out.
        """
        return self._store.verify()

    @_question
    def storage(self) -> Storage:
        """How the index is stored: the engine, its nodes, and the state of raters and movies."""
        with self._serving.snapshot() as snapshot:
            return Storage(*self._store.engine(), *snapshot.index.parts())

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
    scores = popularity.popular(snapshot, allowed, limit)
    stars = None if predict is None else Stars(predict, scores.movies, snapshot.catalogue)
    return Recommendations(scores, snapshot.catalogue, fallback="popular", stars=stars)
