"""The facade for Python callers: one short method per question."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import numpy as np

from recommender.arrays import Mask
from recommender.catalogue.listed_films import Match, Mention, match_mentions
from recommender.catalogue.movies import Movie, MovieKey
from recommender.catalogue.summary import IndexStats, Overview
from recommender.errors import InvalidInputError, UnknownUserError, VersionGoneError
from recommender.filters import MovieFilter, RaterFilter
from recommender.group_results import GroupRecommendations
from recommender.logs import logged
from recommender.opinion import Opinion
from recommender.profile import Opinions, Profile
from recommender.ranking.evidence import recommendations
from recommender.ranking.explanations import explain, in_common
from recommender.ranking.index_version import IndexVersion
from recommender.ranking.lists import popularity
from recommender.ranking.lists.rows import TOP_PICKS, fill_rows, usual_shelves
from recommender.ranking.lists.starters import pick_starters
from recommender.ranking.lists.together import Person, read_people, recommend_together
from recommender.ranking.neighbours import Neighbours, find_neighbours
from recommender.ranking.resolution import ResolvedProfile, resolve
from recommender.ranking.stars import predict_stars
from recommender.results import Explanation, Neighbour, Prediction, Recommendations, Row
from recommender.settings import Ranking
from recommender.storage.encoding import ExternalId, as_id
from recommender.storage.index import IndexStore
from recommender.storage.live_index import LiveIndex
from recommender.storage.open_store import choose_store
from recommender.storage.storage_report import Storage
from recommender.validation import check_dial, check_diversity, check_limit, invalid, shown

__all__ = ["Recommender"]

_log = logging.getLogger(__name__)
_ANY_MOVIE, _ANY_RATER, _NOBODY = MovieFilter(), RaterFilter(), Profile()

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
            # Of what was asked only the number of ratings is logged, where there are any.
            given = kwargs.get("profile", kwargs.get("people", args[0] if args else None))
            if isinstance(given, Profile | Mapping):
                fields["ratings"] = _count_ratings(given)
            try:
                answer = method(self, *args, **kwargs)
            except VersionGoneError:
                self._store.renew()
                answer = method(self, *args, **kwargs)
            fields.update(_counts(answer), version=self._live.name)
        return answer

    return asked


def _count_ratings(given: Profile | Mapping[Any, Any]) -> int:
    """Count the ratings of a profile, or of those of several people by name."""
    if isinstance(given, Profile):
        return len(given)
    return sum(len(one) if isinstance(one, Profile | Mapping) else 1 for one in given.values())


def _counts(answer: object) -> dict[str, object]:
    """Count what an answer holds and rests on; nothing in it says what was asked or answered."""
    if isinstance(answer, GroupRecommendations):
        fallback, people = answer.fallback, len(answer.neighbours)
        return {"movies": len(answer), "people": people, "fallback": fallback}
    if isinstance(answer, Recommendations):
        neighbours, fallback = answer.neighbours, answer.fallback
        return {"movies": len(answer), "neighbours": neighbours, "fallback": fallback}
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
        try:
            self._live = LiveIndex(
                store, partial(IndexVersion, ranking=ranking or Ranking(), place=store.place)
            )
        except BaseException:
            # The caller has no recommender to close it with.
            store.close()
            raise

    @classmethod
    def open(cls, path: str | Path | None = None, *, timeout: float | None = None) -> Self:
        """Open an embedded index, or whatever the environment names.

        Parameters
        ----------
        path : path, optional
            Its folder. Otherwise the one ``KINDRED_INDEX`` names, or the server ``QDRANT_URL``
            names, or the per-user data folder.
        timeout : float, optional
            As of :meth:`connect`; a folder needs none.

        Raises
        ------
        InvalidInputError
            Where an argument or the environment cannot be used.
        IndexNotFoundError
            Where nothing was ingested yet.
        IndexProblem
            Where the index cannot be read.
        """
        return cls(choose_store(path, timeout=timeout))

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        name: str | None = None,
        api_key: str | None = None,
        timeout: float | None = None,
    ) -> Self:
        """Open an index on a Qdrant server, cluster or cloud.

        Parameters
        ----------
        url : str
            Address, with the port unless that is 6333: ``https://qdrant.example.org:443``.
        name : str, optional
            Name of the index there. Otherwise ``QDRANT_NAME``, or ``kindred``.
        api_key : str, optional
            Key; one that may only read is enough. Otherwise ``QDRANT_API_KEY``.
        timeout : float, optional
            Seconds, 1 to 600, that opening or one question may wait for a server that does not
            answer, all its nodes together. Otherwise ``QDRANT_TIMEOUT``, or 10.

        Raises
        ------
        InvalidInputError
            Where the address, name or timeout cannot be used.
        IndexNotFoundError
            Where nothing of this name was ingested yet.
        EngineUnavailableError
            Where the server cannot be reached, or does not answer in time.
        IndexProblem
            Where it refuses the key, or the index cannot be read.
        """
        return cls(choose_store(url=url, name=name, api_key=api_key, timeout=timeout))

    @_question
    def recommend(
        self,
        profile: Profile | Opinions,
        *,
        limit: int = 10,
        adventurous: float | None = None,
        diversity: float = 0.0,
        movies: MovieFilter = _ANY_MOVIE,
        raters: RaterFilter = _ANY_RATER,
    ) -> Recommendations:
        """Recommend movies the person has not rated.

        Parameters
        ----------
        profile : Profile or mapping of movie to opinion
            A mapping is read as ``Profile(mapping)``: 1 like, 0 seen, -1 dislike.
        limit : int
            At most this many movies, 1 to 1,000. There are fewer where fewer have support.
        adventurous : float, optional
            0 for the most familiar movies to 1 for the least known; 0.5 by default.
        diversity : float
            0 for the best first to 1 for movies as unlike each other as can be. Above 0 the first
            hundred are put in another order
            (:func:`recommender.ranking.lists.diversity.diversified`): their ranks change, and
            scores, which stay what they are, then fall no more from row to row.
        movies : MovieFilter, optional
            Which movies may be recommended. What was shown before can stay out of the list by
            ``exclude``, where thousands are as good as free.
        raters : RaterFilter, optional
            Whose votes count, and from which day on.

        Returns
        -------
        Recommendations
            Labelled ``fallback="popular"`` where no neighbour was found, as for an empty profile.

        Raises
        ------
        InvalidInputError
            Where an argument, movie, genre or tag cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        (row,) = self._rows(profile, limit, adventurous, diversity, movies, raters, usual=False)
        return row.movies

    @_question
    def recommend_together(
        self,
        people: Mapping[str, Profile | Opinions],
        *,
        limit: int = 10,
        adventurous: float | None = None,
        movies: MovieFilter = _ANY_MOVIE,
        raters: RaterFilter = _ANY_RATER,
        rewatch: bool = False,
    ) -> GroupRecommendations:
        """Recommend movies to people who watch together.

        None of them has seen one of these movies, dislikes it, or does not want it (``hidden``).
        The list is made of their own lists, one search each: every place goes to the movie that is
        worth most to them, and those who got less from the places above count more; see
        :mod:`recommender.ranking.lists.together`.

        Parameters
        ----------
        people : mapping of name to Profile, or to a mapping of movie to opinion
            Two to eight people, each as in :meth:`recommend`.
        limit, adventurous, movies, raters
            As of :meth:`recommend`, for all of them; ``min_supporters`` are neighbours of one.
        rewatch : bool
            Whether movies that some of them have seen, but not all, may stand in the list. For
            those who have seen one it counts as worth nothing.

        Returns
        -------
        GroupRecommendations
            Labelled ``fallback="popular"`` where nobody has any neighbour.

        Raises
        ------
        InvalidInputError
            Where an argument, movie, genre or tag cannot be used.
        IndexProblem
            Where the index cannot be read.

        Examples
        --------
        ::

            for row in rec.recommend_together({"Ana": {2571: 1, 260: 1}, "Ben": {858: 1}}):
                print(row.movie, [(member.name, member.place) for member in row.members])
        """
        check_limit(limit)
        check_dial(adventurous)
        profiles = read_people(people)
        with self._live.version() as version:
            asked = []
            for name, profile in profiles.items():
                allowed = _allowed(movies, version, profile)
                resolved, neighbours = _neighbours(version, profile, raters)
                predict = partial(self._predicted, profile)
                asked.append(Person(name, resolved, neighbours, allowed, predict))
            return recommend_together(
                version,
                asked,
                limit,
                adventurous=adventurous,
                min_supporters=movies.min_supporters,
                rewatch=rewatch,
            )

    @_question
    def neighbours(
        self,
        profile: Profile | Opinions,
        *,
        limit: int = 20,
        raters: RaterFilter = _ANY_RATER,
    ) -> tuple[Neighbour, ...]:
        """List the raters most like a person, most similar first, and what they agree on.

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
        with self._live.version() as version:
            _, neighbours = _neighbours(version, person, raters)
            return () if neighbours is None else in_common(version, neighbours, limit)

    @_question
    def explain(
        self,
        profile: Profile | Opinions,
        movie: MovieKey,
        *,
        adventurous: float | None = None,
        raters: RaterFilter = _ANY_RATER,
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
        with self._live.version() as version:
            resolved, neighbours = _neighbours(version, person, raters)
            number = version.catalogue.resolve(movie)
            return explain(version, neighbours, resolved, number, adventurous)

    @_question
    def popular(self, *, limit: int = 10, movies: MovieFilter = _ANY_MOVIE) -> Recommendations:
        """List the movies most people like, whoever asks.

        The score is the part of all users who like the movie.

        Raises
        ------
        InvalidInputError
            Where an argument, movie, genre or tag cannot be used.
        """
        check_limit(limit)
        with self._live.version() as version:
            scores = popularity.popular(version, _allowed(movies, version), limit)
            return recommendations(scores, version.catalogue, fallback="popular")

    @_question
    def trending(self, *, limit: int = 10, movies: MovieFilter = _ANY_MOVIE) -> Recommendations:
        """List movies liked often in the last days of the source, for how well liked they are.

        The score is the likes of the last days (90, see ``recent_days``) over the square root of
        all likes and ten more.

        Raises
        ------
        InvalidInputError
            Where the source has no times, or an argument cannot be used.
        """
        check_limit(limit)
        with self._live.version() as version:
            scores = popularity.trending(version, _allowed(movies, version), limit)
            return recommendations(scores, version.catalogue, fallback="trending")

    @_question
    def rows(
        self,
        profile: Profile | Opinions,
        *,
        limit: int = 10,
        adventurous: float | None = None,
        diversity: float = 0.0,
        movies: MovieFilter = _ANY_MOVIE,
        raters: RaterFilter = _ANY_RATER,
    ) -> tuple[Row, ...]:
        """Fill rows of movies for a start page: top picks, popular, trending, hidden gems ...

        One search of neighbours serves them all, and so do one explanation and one prediction, at
        the first request for a reason or for stars. They are filled in order, and no movie stands
        in two of them. A row with nothing left is dropped.

        Parameters
        ----------
        profile : Profile or mapping of movie to opinion
            As of :meth:`recommend`. Where no neighbour is found, as for an empty one, there are
            the rows that need no taste, and those by neighbours hold what is popular.
        limit : int
            At most this many movies in a row, 1 to 1,000.
        adventurous, movies, raters
            As of :meth:`recommend`, for all rows.
        diversity
            Likewise, within each row that rests on neighbours.

        Raises
        ------
        InvalidInputError
            Where an argument, movie, genre or tag cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        rows = self._rows(profile, limit, adventurous, diversity, movies, raters, usual=True)
        return tuple(row for row in rows if row.movies)

    def _rows(
        self,
        profile: Profile | Opinions,
        limit: int,
        adventurous: float | None,
        diversity: float,
        movies: MovieFilter,
        raters: RaterFilter,
        *,
        usual: bool,
    ) -> list[Row]:
        """Fill the ``usual`` rows, or else a single one by neighbours, which is a list."""
        check_limit(limit)
        check_dial(adventurous)
        check_diversity(diversity)
        person = Profile.of(profile)
        with self._live.version() as version:
            allowed = _allowed(movies, version, person)
            resolved, neighbours = _neighbours(version, person, raters)
            # Votes leave out what the person rated, but what is popular may be among it.
            allowed[resolved.movies] = False
            shelves = usual_shelves(
                version,
                resolved,
                personal=neighbours is not None,
                every=movies.min_ratings is not None,
            )
            return fill_rows(
                version,
                shelves if usual else [TOP_PICKS],
                neighbours,
                allowed,
                limit,
                adventurous=adventurous,
                diversity=diversity,
                min_supporters=movies.min_supporters,
                predict=partial(self._predicted, person) if len(person) else None,
            )

    @_question
    def similar(
        self, movie: MovieKey, *, limit: int = 10, movies: MovieFilter = _ANY_MOVIE
    ) -> Recommendations:
        """List the movies most similar to one: liked by the same people, of the same genres, and
        rated above and below expectation alike.

        The score is above 0 and orders one list, no more; see
        :mod:`recommender.ranking.films.similar`.

        Raises
        ------
        UnknownMovieError
            Where no movie has that id or title.
        """
        check_limit(limit)
        with self._live.version() as version:
            number = version.catalogue.resolve(movie)
            scores = popularity.similar(version, number, _allowed(movies, version), limit)
            return recommendations(scores, version.catalogue)

    def predict(self, profile: Profile | Opinions, movie: MovieKey) -> Prediction:
        """Predict the stars a person would give one movie, as :meth:`predict_many` does."""
        return self.predict_many(profile, [movie])[0]

    @_question
    def predict_many(
        self, profile: Profile | Opinions, movies: Sequence[MovieKey]
    ) -> tuple[Prediction, ...]:
        """Predict the stars a person would give movies, one prediction each, in their order.

        They rest on the movies of the profile that the same people rate above and below
        expectation; see :func:`recommender.ranking.stars.predict_stars`. A prediction without
        stars gives the reason. Likes, dislikes and movies
        merely seen count as the mean of such ratings where the profile has no stars of them, stars
        on another scale as their place on it. Of a stored rater, what is stored is left out.

        Raises
        ------
        InvalidInputError
            Where a movie or a profile cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        if isinstance(movies, str) or not isinstance(movies, Sequence):
            raise invalid("movies", movies, f"a list, such as [{shown(movies)}]")
        person = Profile.of(profile)
        with self._live.version() as version:
            resolved = resolve(person, version.catalogue, version.index.manifest)
            keys = (version.catalogue.resolve(key) for key in movies)
            numbers = np.fromiter(keys, dtype=np.int64)
            own = None if person.user_id is None else version.index.rater(person.user_id)
            return predict_stars(version, resolved, numbers, leave_out=own)

    def _predicted(self, person: Profile, movies: Sequence[Movie]) -> Sequence[Prediction]:
        # By id, since several movies may have one title.
        keys = [f"id:{movie.movie_id}" for movie in movies]
        try:
            return self.predict_many(person, keys)
        except InvalidInputError:  # a version published since then may not have these movies
            reason = "the index has changed since this list was made, and lacks some of its movies"
            return [Prediction(movie, None, 0, reason, None) for movie in movies]

    @_question
    def starters(
        self,
        profile: Profile | Opinions | None = None,
        *,
        limit: int = 24,
        movies: MovieFilter = _ANY_MOVIE,
    ) -> tuple[Movie, ...]:
        """Pick well-known movies that distinguish tastes, for someone to rate first.

        Each is unlike those before it, and unlike those of the ``profile``, which are left out; see
        :func:`recommender.ranking.lists.starters.pick_starters`. What the person did not know goes
        into ``exclude`` of ``movies``.

        Raises
        ------
        InvalidInputError
            Where an argument or a movie cannot be used.
        IndexProblem
            Where the index cannot be read.
        """
        check_limit(limit)
        person = _NOBODY if profile is None else Profile.of(profile)
        with self._live.version() as version:
            catalogue = version.catalogue
            rated = resolve(person, catalogue, version.index.manifest).movies
            allowed = _allowed(movies, version, person)
            allowed[rated] = False
            picked = pick_starters(version.starter_pool, catalogue, allowed, rated, limit)
            return tuple(catalogue.movie(number) for number in picked)

    @_question
    def search(self, text: str, *, limit: int = 10) -> tuple[Movie, ...]:
        """Find the movies whose titles are most like a text, best first.

        Words may be missing, in another order, half typed or misspelt, an original title or a year
        may be given, and a part of a series by its number: ``godfahter 2``. Of equals the better
        known come first. Those tagged with the text come after the titles that hold it.
        """
        check_limit(limit)
        with self._live.version() as version:
            numbers = version.catalogue.search(text, limit)
            return tuple(version.catalogue.movie(number) for number in numbers)

    @_question
    def match(self, mentions: Sequence[Mention]) -> tuple[Match, ...]:
        """Find the movies that another list names, one match for each, in their order.

        Ids count first; an id of this index only where the title is that of the movie, too. Then
        titles are compared, each of those that a movie has: case, accents, articles, signs and the
        way numbers are written aside, with the year or one beside it. What is less certain is
        suggested, and never sure: another year, an almost equal title, a part of a title. Thousands
        are found in a second or two.

        Parameters
        ----------
        mentions : sequence of Mention
            Title and year, and ids where they are known.

        Examples
        --------
        ::

            seven, star_wars = rec.match([Mention("Se7en", 1995), Mention("Star Wars", 1977)])
            seven.movie         # Movie: Seven, with Se7en in its other_titles
            star_wars.movies    # to choose from: Star Wars: Episode IV - A New Hope
        """
        with self._live.version() as version:
            return match_mentions(version.catalogue, mentions)

    def movie(self, movie: MovieKey) -> Movie:
        """Return the movie with an id, ``imdb:`` or ``tmdb:`` id, or title.

        A title may be written in any way: ``Matrix, The (1999)``, ``the matrix``, ``Godfather 2``.

        Raises
        ------
        UnknownMovieError
            Where there is none; the message names what is close.
        AmbiguousMovieError
            Where several movies have that title.
        """
        with self._live.version() as version:
            return version.catalogue.movie(version.catalogue.resolve(movie))

    def find(self, movies: Iterable[MovieKey]) -> tuple[Movie | None, ...]:
        """Return the movies with these ids, ``imdb:`` or ``tmdb:`` ids, None where there is none.

        No title is looked at, and what is not there costs no more than what is.
        """
        with self._live.version() as version:
            catalogue = version.catalogue
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
        with self._live.version() as version:
            index, catalogue = version.index, version.catalogue
            manifest = index.manifest
            key = as_id(user_id, manifest.user_ids)
            rater = None if key is None else index.rater(key)
            if rater is None:
                raise UnknownUserError(
                    f"nobody in this index has the id {shown(user_id)}: give one of a user of the "
                    "source"
                )
            rated = index.rated([rater])
            keys = [f"id:{catalogue.movie(number).movie_id}" for number in rated.movie.tolist()]
            days = [] if rated.day is None else rated.day.astype("datetime64[D]").tolist()
            # Where ratings have no times there are no days at all, hence no strict zip.
            when = {key: day.isoformat() for key, day in zip(keys, days, strict=False)}
            if manifest.scale.implicit:
                likes = dict.fromkeys(keys, Opinion.LIKE)
                return Profile(likes, when=when, user_id=rater.user_id)
            stars = manifest.scale.unpack(rated.units).tolist()
            return Profile(
                stars=dict(zip(keys, stars, strict=True)),
                when=when,
                scale=(manifest.scale.low, manifest.scale.high),
                user_id=rater.user_id,
            )

    def stats(self) -> IndexStats:
        """Return what is in the index, and where it comes from."""
        with self._live.version() as version:
            return version.stats

    def overview(self) -> Overview:
        """Count how many ratings all stars, genres and decades have, to compare a person with."""
        with self._live.version() as version:
            return Overview.of(version.index.manifest, version.catalogue)

    @_question
    def storage(self) -> Storage:
        """Return how the index is stored: engine, nodes, and the state of raters and movies."""
        with self._live.version() as version:
            return Storage(*self._store.engine(), *version.index.parts())

    def close(self) -> None:
        """Release the index. Closing twice is allowed; asking afterwards is an error."""
        self._live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _allowed(movies: MovieFilter, version: IndexVersion, person: Profile = _NOBODY) -> Mask:
    """Tell which movies may be shown to a person, those they rated aside, shape (movies,)."""
    if not isinstance(movies, MovieFilter):
        raise invalid("movies", movies, "a MovieFilter(...)")
    allowed = movies.mask(version.catalogue)
    if movies.min_ratings is None:
        allowed &= version.catalogue.ratings >= version.catalogue.least_ratings
    allowed[[version.catalogue.resolve(key) for key in person.hidden]] = False
    return allowed


def _neighbours(
    version: IndexVersion, person: Profile, raters: RaterFilter
) -> tuple[ResolvedProfile, Neighbours | None]:
    """Find a person's movies in the catalogue, and the raters most like them, if there are any."""
    index = version.index
    resolved = resolve(person, version.catalogue, index.manifest)
    if not isinstance(raters, RaterFilter):
        raise invalid("raters", raters, "a RaterFilter(...)")
    own = None if person.user_id is None else index.rater(person.user_id)
    return resolved, find_neighbours(version, resolved, raters, leave_out=own and own.number)
