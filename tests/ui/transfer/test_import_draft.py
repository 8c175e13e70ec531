"""From what was brought to what is said."""

from __future__ import annotations

import pytest

from recommender import Opinion, Profile, Recommender
from recommender.catalogue.listed_films import Mention
from tests.ui.exported import IMDB, LETTERBOXD, MOVIELENS, zipped
from tests.ui.profiles import after, own_profile
from ui.transfer.import_draft import Draft
from ui.transfer.imported_films import Film, Precedence
from ui.transfer.imports import ImportedFiles


def draft(recommender: Recommender, **files: str | bytes) -> Draft:
    """Read files and look their films up."""
    pile = ImportedFiles()
    for name, data in files.items():
        pile.add(name.replace("__", "."), data.encode() if isinstance(data, str) else data)
    return Draft.of(pile.films, recommender)


def film(
    number: int, precedence: Precedence, opinion: int | None, stars: float | None = None
) -> Film:
    """Say something of one of the plain films."""
    said = None if opinion is None else Opinion(opinion)
    return Film(Mention(f"Film {number}", 1960 + number), precedence, said, stars)


def added(recommender: Recommender, profile: Profile, *films: Film) -> Profile:
    """The same, of films given one by one."""
    return after(Draft.of(films, recommender), profile)


def test_a_zip_of_letterboxd_becomes_a_taste(recommender: Recommender) -> None:
    """Stars, opinions and the watchlist; what is rated is not on it."""
    assert after(draft(recommender, mine__zip=zipped())) == own_profile(
        opinions={8: 1, 3: -1, 10: 0, 12: 1, 16: 1},
        stars={8: 4.5, 3: 2.0, 16: 4.0},
        watchlist=(14,),
    )


@pytest.mark.parametrize("text", [IMDB, MOVIELENS])
def test_services_with_ids_are_found_by_title_where_these_are_unknown(
    recommender: Recommender, text: str
) -> None:
    """Their ids are none of this collection."""
    assert after(draft(recommender, mine__csv=text)).opinions == {8: 1, 9: -1}


def test_of_two_services_the_stronger_and_later_counts(recommender: Recommender) -> None:
    """IMDb's nine of January, Letterboxd's two and a half stars of February."""
    letterboxd = LETTERBOXD["ratings.csv"].replace(",4.5", ",2.5")
    both = draft(recommender, ratings__csv=letterboxd, imdb__csv=IMDB)
    assert after(both).stars[8] == 2.5
    brought = draft(recommender, watched__csv=LETTERBOXD["watched.csv"], imdb__csv=IMDB)
    assert after(brought).opinions[8] == 1


@pytest.mark.parametrize(
    ("precedence", "opinion", "stars", "after"),
    [
        (Precedence.RATED, -1, 1.0, own_profile({8: -1}, {8: 1.0})),
        (Precedence.DIARY, 1, 4.0, own_profile({8: 1}, {8: 4.0})),
        (Precedence.RATED, -1, None, own_profile({8: -1})),
        (Precedence.LIKED, 1, None, own_profile({8: 0}, {8: 3.0})),
        (Precedence.SEEN, 0, None, own_profile({8: 0}, {8: 3.0})),
        (Precedence.SAVED, None, None, own_profile({8: 0}, {8: 3.0})),
        (Precedence.HIDDEN, None, None, own_profile({8: 0}, {8: 3.0})),
    ],
)
def test_ratings_of_a_file_replace_yours_and_nothing_else_does(
    recommender: Recommender, precedence: Precedence, opinion: int, stars: float, after: Profile
) -> None:
    """As the page says."""
    before = own_profile({8: 0}, {8: 3.0})
    assert added(recommender, before, film(8, precedence, opinion, stars)) == after


def test_what_was_saved_or_hidden_is_rated_once_a_file_says_so(recommender: Recommender) -> None:
    """And stays where it was if the file only saves it, too."""
    before = own_profile(watchlist=(8,), hidden=(9,))
    seen = [film(number, Precedence.SEEN, 0) for number in (8, 9)]
    assert added(recommender, before, *seen) == own_profile({8: 0, 9: 0})
    saved = [film(number, Precedence.SAVED, None) for number in (9, 8, 10)]
    assert added(recommender, before, *saved) == own_profile(watchlist=(8, 10), hidden=(9,))


def test_what_is_hidden_already_is_no_change(recommender: Recommender) -> None:
    """Three new ones are, one to watch and two of no interest."""
    films = [film(10, Precedence.SAVED, None)]
    films += [film(number, Precedence.HIDDEN, None) for number in (12, 14, 9)]
    changes = Draft.of(tuple(films), recommender).changes(own_profile(hidden=(9,)))
    assert (changes.changed, changes.same, changes.kept) == (0, 1, 0)
    assert {movie_id: said.listed for movie_id, said in changes.said.items()} == {
        10: "watchlist",
        12: "hidden",
        14: "hidden",
    }


def test_what_adding_does_is_counted(recommender: Recommender) -> None:
    """Films 8 and 9 anew, 10 otherwise, 12 the same; 14 is rated here, 16 hidden; 8 comes twice."""
    before = own_profile({10: 1, 12: 1, 14: -1}, {10: 4.0, 12: 4.0}, hidden=(16,))
    films = [film(number, Precedence.RATED, 1, 4.5) for number in (8, 9, 10)]
    films += [film(12, Precedence.RATED, 1, 4.0), film(14, Precedence.LIKED, 1)]
    films += [film(16, Precedence.SAVED, None), film(8, Precedence.SEEN, 0)]
    changes = Draft.of(tuple(films), recommender).changes(before)
    assert list(changes.said) == [8, 9, 10]
    assert (changes.changed, changes.same, changes.kept, changes.repeated) == (1, 1, 2, 1)


def test_nothing_changes_that_is_there_already(recommender: Recommender) -> None:
    """A file brought for the second time changes nothing."""
    brought = draft(recommender, mine__zip=zipped())
    changes = brought.changes(after(brought))
    assert (changes.said, changes.same, changes.kept) == ({}, 6, 0)


def test_what_is_not_certain_counts_once_it_is_chosen(recommender: Recommender) -> None:
    """One that may be film 8, one that is nothing here, and one that is left out."""
    films = (
        Film(Mention("Film 8", 1971), Precedence.RATED, Opinion.LIKE, 5.0),
        Film(Mention("Unheard of", 1971), Precedence.RATED, Opinion.LIKE, 5.0),
        Film(Mention("Film 10", 1972), Precedence.RATED, Opinion.LIKE, 5.0),
        Film(Mention("Film 12", 1972), Precedence.RATED, Opinion.LIKE, 5.0),
    )
    brought = Draft.of(films, recommender)
    assert (brought.found, brought.undecided, brought.missing) == ([3], [0, 2], [1])
    assert [*brought.changes(own_profile()).said] == [12]
    brought.chosen[1] = recommender.movie(20)
    brought.chosen[2] = None
    brought.chosen[3] = None  # it was found wrongly
    assert (brought.found, brought.undecided, brought.missing) == ([1], [0], [2, 3])
    brought.take_first()
    assert brought.unsure == [0, 2]
    assert after(brought).opinions == {20: 1, 8: 1}


def test_two_films_taken_for_one_are_one(recommender: Recommender) -> None:
    """The stronger statement counts."""
    films = (
        film(8, Precedence.RATED, -1, 1.0),
        Film(Mention("Film  8!", 1968), Precedence.LIKED, Opinion.LIKE),
    )
    assert after(Draft.of(films, recommender)) == own_profile({8: -1}, {8: 1.0})
