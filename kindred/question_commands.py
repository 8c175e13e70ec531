"""The commands that ask an index: ``recommend``, ``neighbours``, ``similar`` and their like.

The docstring of each function is what ``--help`` says of its command.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kindred import question_output as output
from kindred.options import (
    Dial,
    Diversity,
    IndexOptions,
    Json,
    Limit,
    MovieArgument,
    MovieOptions,
    ProfileOptions,
    RaterOptions,
)
from kindred.together import TogetherOptions, print_together

__all__ = ["explain", "neighbours", "predict", "recommend", "rows", "search", "similar"]


def recommend(
    *,
    person: ProfileOptions,
    group: TogetherOptions,
    limit: Limit = 10,
    adventurous: Dial = None,
    diversity: Diversity = 0.0,
    movies: MovieOptions,
    raters: RaterOptions,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Recommend movies. MOVIE is an id, imdb:tt0133093, tmdb:603, or a title."""
    group.check(others=person.given or diversity != 0)
    with index.open() as rec:
        if group.together:
            found = rec.recommend_together(
                group.read(rec),
                limit=limit,
                adventurous=adventurous,
                movies=movies.filter(),
                raters=raters.filter(),
                rewatch=group.rewatch,
            )
            print_together(found, rec, as_json=as_json)
            return
        top = rec.recommend(
            person.read(rec),
            limit=limit,
            adventurous=adventurous,
            diversity=diversity,
            movies=movies.filter(),
            raters=raters.filter(),
        )
        # Before the index is closed, because stars and reasons are worked out when asked for.
        output.print_recommendations(top, rec, as_json=as_json)


def rows(
    *,
    person: ProfileOptions,
    limit: Limit = 10,
    movies: MovieOptions,
    raters: RaterOptions,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Show themed rows: top picks, popular, trending, classics, hidden gems, more like ..."""
    with index.open() as rec:
        found = rec.rows(
            person.read(rec), limit=limit, movies=movies.filter(), raters=raters.filter()
        )
        output.print_rows(found, as_json=as_json)


def predict(
    *,
    movies: Annotated[list[str], typer.Argument(metavar="MOVIE...", help="Movies to predict.")],
    person: ProfileOptions,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Predict how many stars you would give movies, from what you say of others."""
    with index.open() as rec:
        predictions = rec.predict_many(person.read(rec), movies)
    output.print_predictions(predictions, as_json=as_json)


def explain(
    *,
    movie: MovieArgument,
    person: ProfileOptions,
    adventurous: Dial = None,
    raters: RaterOptions,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Show the whole calculation of a movie's score: who votes, how much, and because of what."""
    with index.open() as rec:
        explanation = rec.explain(
            person.read(rec), movie, adventurous=adventurous, raters=raters.filter()
        )
    output.print_explanation(explanation, as_json=as_json)


def neighbours(
    *,
    person: ProfileOptions,
    limit: Annotated[int, typer.Option(help="At most this many raters, 1 to 1000.")] = 10,
    raters: RaterOptions,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """List the raters most like you, and some movies you agree and disagree with them on."""
    with index.open() as rec:
        found = rec.neighbours(person.read(rec), limit=limit, raters=raters.filter())
    output.print_neighbours(found, as_json=as_json)


def similar(
    *,
    movie: MovieArgument,
    limit: Limit = 10,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """List the movies most similar to one: liked by the same people, of the same genres."""
    with index.open() as rec:
        top = rec.similar(movie, limit=limit)
    output.print_similar(top, as_json=as_json)


def search(
    *,
    text: Annotated[str, typer.Argument(metavar="TITLE", help="Part of a title, typos allowed.")],
    limit: Limit = 10,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Find movies and their ids by title."""
    with index.open() as rec:
        movies = rec.search(text, limit=limit)
    output.print_movies(movies, as_json=as_json)
