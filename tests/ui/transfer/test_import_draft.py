"""From what was brought to what is said."""

from __future__ import annotations

import pytest

from recommender import Recommender
from recommender.catalogue.listed_films import Mention
from tests.ui.exported import IMDB, LETTERBOXD, MOVIELENS, zipped
from ui.state.taste import Said
from ui.transfer.import_draft import Draft
from ui.transfer.imported_films import Film, Strength
from ui.transfer.imports import Pile


def draft(recommender: Recommender, **files: str | bytes) -> Draft:
    """Read files and look their films up."""
    pile = Pile()
    for name, data in files.items():
        pile.add(name.replace("__", "."), data.encode() if isinstance(data, str) else data)
    return Draft.of(pile.films, recommender)


def film(number: int, strength: Strength, opinion: int | None, stars: float | None = None) -> Film:
    """Say something of one of the plain films."""
    return Film(Mention(f"Film {number}", 1960 + number), strength, opinion, stars)


def added(recommender: Recommender, said: Said, *films: Film) -> Said:
    """What is said once these were added."""
    return Draft.of(films, recommender).change(said).said


def test_a_zip_of_letterboxd_becomes_a_taste(recommender: Recommender) -> None:
    """Stars, opinions and the watchlist; what is rated is not on it."""
    change = draft(recommender, mine__zip=zipped()).change(Said())
    assert change.said == Said(
        ratings={8: 1, 3: -1, 10: 0, 12: 1, 16: 1},
        stars={8: 4.5, 3: 2.0, 16: 4.0},
        watchlist=(14,),
    )
    assert (change.rated, change.saved) == (5, 1)


@pytest.mark.parametrize("text", [IMDB, MOVIELENS])
def test_services_with_ids_are_found_by_title_where_these_are_unknown(
    recommender: Recommender, text: str
) -> None:
    """Their ids are none of this collection."""
    said = draft(recommender, mine__csv=text).change(Said()).said
    assert said.ratings == {8: 1, 9: -1}


def test_of_two_services_the_stronger_and_later_counts(recommender: Recommender) -> None:
    """IMDb's nine of January, Letterboxd's two and a half stars of February."""
    letterboxd = LETTERBOXD["ratings.csv"].replace(",4.5", ",2.5")
    said = draft(recommender, ratings__csv=letterboxd, imdb__csv=IMDB).change(Said()).said
    assert said.stars[8] == 2.5
    brought = draft(recommender, watched__csv=LETTERBOXD["watched.csv"], imdb__csv=IMDB)
    assert brought.change(Said()).said.ratings[8] == 1


@pytest.mark.parametrize(
    ("strength", "opinion", "stars", "after"),
    [
        (Strength.RATED, -1, 1.0, Said({8: -1}, {8: 1.0})),
        (Strength.DIARY, 1, 4.0, Said({8: 1}, {8: 4.0})),
        (Strength.RATED, -1, None, Said({8: -1})),
        (Strength.LIKED, 1, None, Said({8: 0}, {8: 3.0})),
        (Strength.SEEN, 0, None, Said({8: 0}, {8: 3.0})),
        (Strength.SAVED, None, None, Said({8: 0}, {8: 3.0})),
        (Strength.HIDDEN, None, None, Said({8: 0}, {8: 3.0})),
    ],
)
def test_ratings_of_a_file_replace_yours_and_nothing_else_does(
    recommender: Recommender, strength: Strength, opinion: int, stars: float, after: Said
) -> None:
    """As the page says."""
    before = Said({8: 0}, {8: 3.0})
    assert added(recommender, before, film(8, strength, opinion, stars)) == after


def test_what_was_saved_or_hidden_is_rated_once_a_file_says_so(recommender: Recommender) -> None:
    """And stays where it was if the file only saves it, too."""
    before = Said(watchlist=(8,), hidden=(9,))
    seen = [film(number, Strength.SEEN, 0) for number in (8, 9)]
    assert added(recommender, before, *seen) == Said({8: 0, 9: 0})
    saved = [film(number, Strength.SAVED, None) for number in (9, 8, 10)]
    assert added(recommender, before, *saved) == Said(watchlist=(8, 10), hidden=(9,))


def test_what_is_saved_and_what_is_hidden_are_counted_apart(recommender: Recommender) -> None:
    """Three new ones; one that was hidden already is none."""
    films = [film(10, Strength.SAVED, None)]
    films += [film(number, Strength.HIDDEN, None) for number in (12, 14, 9)]
    change = Draft.of(tuple(films), recommender).change(Said(hidden=(9,)))
    assert (change.rated, change.saved, change.hidden) == (0, 1, 2)


def test_nothing_is_counted_that_is_there_already(recommender: Recommender) -> None:
    """A file brought for the second time changes nothing."""
    brought = draft(recommender, mine__zip=zipped())
    once = brought.change(Said()).said
    again = brought.change(once)
    assert (again.said, again.rated, again.saved, again.hidden) == (once, 0, 0, 0)


def test_what_is_not_certain_counts_once_it_is_chosen(recommender: Recommender) -> None:
    """One that may be film 8, one that is nothing here, and one that is left out."""
    films = (
        Film(Mention("Film 8", 1971), Strength.RATED, 1, 5.0),
        Film(Mention("Unheard of", 1971), Strength.RATED, 1, 5.0),
        Film(Mention("Film 10", 1972), Strength.RATED, 1, 5.0),
    )
    brought = Draft.of(films, recommender)
    assert (brought.sure, brought.unsure, brought.missing) == ([], [0, 2], [1])
    assert not brought.change(Said()).said
    brought.chosen[1] = recommender.movie(20)
    brought.chosen[2] = None
    brought.take_first()
    assert brought.change(Said()).said.ratings == {20: 1, 8: 1}


def test_two_films_taken_for_one_are_one(recommender: Recommender) -> None:
    """The stronger statement counts."""
    films = (film(8, Strength.RATED, -1, 1.0), Film(Mention("Film  8!", 1968), Strength.LIKED, 1))
    assert Draft.of(films, recommender).change(Said()).said == Said({8: -1}, {8: 1.0})
