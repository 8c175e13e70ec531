"""Tables by their headings: kinds of titles, scales, dialects, and films without a rating."""

from __future__ import annotations

import pytest

from ui.transfer.files.title_kinds import FILM, UNKNOWN, film_kind
from ui.transfer.imports import ImportedFiles


def brought(text: str | bytes, name: str = "any.csv") -> ImportedFiles:
    """Bring one file."""
    files = ImportedFiles()
    files.add(name, text.encode() if isinstance(text, str) else text)
    return files


def said(text: str | bytes, name: str = "any.csv") -> dict[str, str]:
    """What is said of each film, in words."""
    files = brought(text, name)
    assert files.problems == []
    return {str(film): film.opinion_words for film in files.films}


def line(text: str | bytes, name: str = "any.csv") -> str:
    """The one line about a file, without its name."""
    files = brought(text, name)
    questions = [f"{question.name}: {question.why}" for question in files.questions]
    (only,) = files.summaries + files.problems + questions
    return only.removeprefix(name)


@pytest.mark.parametrize(
    "kind",
    [
        *("movie", "Movie", "Feature Film", "tvMovie", "TV Movie", "Film", "Spielfilm", "Téléfilm"),
        *("Fernsehfilm", "Kurzfilm", "Long métrage", "Court-métrage", "Película", "Cortometraje"),
        *("Película de TV", "Lungometraggio", "Film TV", "Filme", "Curta-metragem", "Elokuva"),
        *("TV Special", "Especial de TV", "Short", "tvShort", "Video", "Vídeo", "Dokumentarfilm"),
        *("фильм", "映画", "영화", "Speelfilm"),
    ],
)
def test_a_film_is_one_in_any_language(kind: str) -> None:
    """Made for cinemas or television, long or short."""
    assert film_kind(kind) == FILM


@pytest.mark.parametrize(
    ("kind", "kinds"),
    [
        ("series", "TV Series|tvSeries|TV-Serie|Fernsehserie|Série télévisée|Serie de TV|Serie TV"),
        ("series", "Minissérie|Mini-série|TV Mini Series|tvMiniSeries|show|tv|anime|сериал|Serial"),
        ("series", "テレビシリーズ"),
        ("episode", "TV Episode|tvEpisode|Folge|Episodio de TV|Épisode TV|Episódio|TV-Folge"),
        ("episode", "TV Series Episode"),
        ("season", "season|Staffel|Saison"),
        ("game", "Video Game|videoGame|Videospiel|Jeu vidéo|Videojuego|Videogioco|Jogo|TV-spel"),
        ("podcast", "Podcast Series|Podcast-Folge"),
        ("music video", "Music Video|musicVideo|Musikvideo|Vidéoclip|Vídeo musical"),
        (UNKNOWN, "?|Blu-ray|Comic|"),
    ],
)
def test_what_is_no_film_is_told_by_its_kind(kind: str, kinds: str) -> None:
    """Never a series for a film; what is unknown is none either."""
    assert {film_kind(one) for one in kinds.split("|")} == {kind}


def test_an_unknown_kind_is_left_out_and_named() -> None:
    """At IMDb always, elsewhere where the column is one of kinds."""
    rows = "Title,Your Rating,{}\nHeat,8,Comic\nRan,8,{}\n"
    left_out = "1 film. Left out: 1 of an unknown kind, such as “Comic”."
    assert line("const," + rows.format("Title Type", "movie").replace("\n", "\n,")[:-1]) == (
        f" (IMDb): {left_out}"
    )
    assert line(rows.format("Type", "Blu-ray")) == ": 2 films, rated out of 10 under “Your Rating”."


@pytest.mark.parametrize(
    ("heading", "ratings", "stars", "told"),
    [
        ("Rating", ["4.5", "2"], [4.5, 2.0], ", rated out of 5 under “Rating”"),
        ("score", ["4", "5"], [4.0, 5.0], ", rated out of 5 under “score”"),
        ("My Rating", ["7", "10"], [3.5, 5.0], ", rated out of 10 under “My Rating”"),
        ("Note", ["18", "8"], [4.5, 2.0], ", rated out of 20 under “Note”"),
        ("Bewertung", ["90", "8"], [4.5, 0.5], ", rated out of 100 under “Bewertung”"),
        ("Rating10", ["4", "5"], [2.0, 2.5], ""),
        ("Score (0-100)", ["4", "100"], [0.5, 5.0], ""),
        ("Stars out of 5", ["4", "5"], [4.0, 5.0], ""),
        ("rating", ["8/10", "3/5"], [4.0, 3.0], ""),
        ("rating", ["90%", "10 %"], [4.5, 0.5], ""),
        ("rating", ["★★★★½", "★★☆☆☆"], [4.5, 2.0], ""),
        ("rating", ["4,5", "3.0"], [4.5, 3.0], ", rated out of 5 under “rating”"),
    ],
)
def test_a_scale_is_that_of_service_heading_or_cells_else_it_is_said(
    heading: str, ratings: list[str], stars: list[float], told: str
) -> None:
    """The smallest in use that holds all ratings: the line names it."""
    text = f"Film;{heading}\nHeat;{ratings[0]}\nRan;{ratings[1]}\n"
    assert [film.stars for film in brought(text).films] == stars
    assert line(text) == f": 2 films{told}."


def test_thumbs_are_not_taken_for_stars() -> None:
    """A thumb up read as one star would be a dislike."""
    assert line("Title,Rating\nHeat,1\nRan,0\n").startswith(
        ": it has nothing but 0 and 1 under “Rating”, which may be thumbs or stars"
    )


def test_what_cannot_be_a_rating_moves_no_scale() -> None:
    """A row in which a comma of a title is missing its quotation marks."""
    text = "title,year,rating\nHeat,1995,5\nCrouching Tiger, Hidden Dragon,2000,5\n"
    assert line(text) == (
        ": 1 film, rated out of 5 under “rating”. Left out: 1 with a rating above 5 or below 0."
    )


@pytest.mark.parametrize(("rating", "words"), [(79, "seen, 4 stars"), (80, "liked, 4 stars")])
def test_an_opinion_goes_by_the_rating_as_given(rating: int, words: str) -> None:
    """Not by the half star nearest to it."""
    assert said(f"Title,Score (0-100)\nHeat,{rating}\n") == {"Heat": words}


def test_a_persons_rating_comes_before_everybodys() -> None:
    """Also where it is empty; a column of words is none."""
    assert said("Name,Rating,Your Rating\nHeat,8.2,5\nRan,8.2,\n") == {"Heat": "liked, 5 stars"}
    assert said("Name,Note,Betyg\nHeat,very good,5\n") == {"Heat": "liked, 5 stars"}
    assert line("Name,Rating,Rating10\nHeat,4,8\n") == ": 1 film."


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nTitle;Year;Rating10\r\nHeat, again;1995;9\r\n",
        "# my films\n\nTitle|Year|Rating10\nHeat, again|1995|9\nRan|1985|\n",
        "Title\tYear\tRating10\nHeat, again\t1995\t9,0\n",
        "Title::Year::Rating10\nHeat, again::1995::9\n",
        'Title,Year,Rating10\n"Heat,\nagain",1995,9,more,cells\nRan\n',
        '"Film\nTitle",Release Date,Rating10\n"Heat, again",31.12.1995,"9"\n',
        '"Movie","Year","Rating10"\n"Heat, again","1995–1996","9.0"\n',
    ],
)
def test_any_dialect_is_read(text: str) -> None:
    """As programs of many countries save it; line breaks in quotation marks are blanks."""
    assert said(text) == {"Heat, again (1995)": "liked, 4.5 stars"}


def test_damaged_cells_are_counted_and_cost_a_letter() -> None:
    """Not the letters of the rest of the file."""
    data = "Title,Rating10\nAmélie,9\nCité de Dieu,8\nLéon,7\n".encode()
    data = data.replace("Léon".encode(), "Léon".encode("latin-1"))
    assert said(data) == {
        "Amélie": "liked, 4.5 stars",
        "Cité de Dieu": "liked, 4 stars",
        "L\ufffdon": "seen, 3.5 stars",
    }
    assert line(data) == ": 3 films. Damaged, with a letter that cannot be read: 1 cell."


SIMKL = """\
simkl_id,TMDB,IMDB,Type,Title,Year,LastEpWatched,Watchlist,WatchedDate,Rating
1,603,tt0133093,movie,The Matrix,1999,,plantowatch,,
2,,,movie,Heat,1995,,completed,2021-01-01,
3,,,movie,Ran,1985,,dropped,,
4,,,tv,Lost,2004,s2e5,watching,2021-01-01,9
5,,,movie,Jaws,1975,,completed,2021-01-01,5
"""


def test_films_without_a_rating_are_what_the_service_says() -> None:
    """Planned, seen, or nothing that is known."""
    assert said(SIMKL) == {
        "The Matrix (1999)": "to watch",
        "Heat (1995)": "seen",
        "Jaws (1975)": "disliked, 2.5 stars",
    }
    assert line(SIMKL) == (
        " (Simkl): 3 films, 1 of them to watch. Left out: 1 without a rating, 1 listed as series."
    )


def test_a_list_without_ratings_is_told_by_its_name_or_a_day() -> None:
    """Never guessed."""
    assert said("Title,Year\nHeat,1995\n", "watchlist-2024.csv") == {"Heat (1995)": "to watch"}
    assert said("Title,Year\nHeat,1995\n", "Watched.csv") == {"Heat (1995)": "seen"}
    assert said("Title,Date watched\nHeat,2024-01-01\n") == {"Heat": "seen"}
    assert "none of its headings (Title, Year) is a rating" in line("Title,Year\nHeat,1\n")


def test_episodes_are_told_by_their_numbers_or_titles() -> None:
    """At TMDB, and at Netflix, which has nothing but titles."""
    tmdb = "TMDb ID,Type,Name,Season Number,Your Rating\n1,,Heat,,9\n2,,Lost,2,9\n"
    assert line(tmdb) == " (TMDB): 1 film. Left out: 1 listed as episode."
    netflix = "Title,Date\nKill Bill: Volume 1,1/31/24\nDark: Season 1: Secrets,1/2/24\n"
    assert line(netflix) == " (Netflix): 1 film. Left out: 1 listed as episode."


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-01-31T10:00:00Z", "2024-01-31"),
        ("31.01.2024", "2024-01-31"),
        ("Wed Jan 31 00:00:00 2024", "2024-01-31"),
        ("1706659200", "2024-01-31"),
        ("1/2/24", ""),
        ("Tue Foo 99 00:00:00 2024", ""),
    ],
)
def test_days_are_read_where_they_leave_one_reading(cell: str, day: str) -> None:
    """Which of two ratings is the later goes by them."""
    (film,) = brought(f"Title,Rating10,Date Rated\nHeat,8,{cell}\n").films
    assert film.when == day


@pytest.mark.parametrize(
    ("cell", "imdb_id"),
    [
        ("tt0113277", "tt0113277"),
        ("113277", "tt0113277"),
        ("113277.0", "tt0113277"),
        ("https://www.imdb.com/title/tt0113277/?ref=x", "tt0113277"),
        ("nm0000199", None),
        ("0", None),
    ],
)
def test_ids_of_imdb_are_read_as_anybody_writes_them(cell: str, imdb_id: str | None) -> None:
    """With tt or without, as a number of a spreadsheet, or as an address."""
    (film,) = brought(f"Title,IMDb ID,Rating10\nHeat,{cell},8\n").films
    assert film.mention.imdb_id == imdb_id


def test_ratings_of_several_people_are_nobodys() -> None:
    """Those of one may say whose they are."""
    text = "userId,title,rating\n1,Heat,5\n1,Ran,4\n"
    assert len(said(text)) == 2
    assert line(text + "2,Heat,1\n").startswith(" has the ratings of 2 people: import those of one")


def test_a_refusal_names_the_headings_seen() -> None:
    """The first of them, in one line that can be shown anywhere."""
    assert line("id,my_score\n1,5\n") == (
        ": none of its headings (id, my_score) is a film's title, or its IMDb or TMDB number"
    )
    hostile = ",".join(f"\u202e{'x' * 400}{n}" for n in range(2000)) + "\n1\n"
    assert len(line(hostile)) < 400
    assert line(hostile).isprintable()


def test_under_imdb_may_stand_how_a_film_is_rated_there() -> None:
    """8.0 is no number of a film, where 8.3 is none."""
    for head in ("IMDb", "TMDB"):
        file = brought(f"Title,{head},My rating\nHeat,8.3,5\nRan,8.0,4\nJaws,8,3\n")
        assert [str(film) for film in file.films] == ["Heat", "Ran", "Jaws"]
        assert {(film.mention.imdb_id, film.mention.tmdb_id) for film in file.films} == {
            (None, None)
        }


def test_the_original_title_is_kept_where_nothing_else_tells_a_film() -> None:
    """It is found by that where it has no such title here."""
    file = brought("Titel,Originaltitel,Note\nDer Pate,The Godfather,5\nHeat,Heat,4\nRan,,3\n")
    assert [str(film) for film in file.films] == ["Der Pate (The Godfather)", "Heat", "Ran"]
    file = brought("Titel,Originaltitel,imdbId,Note\nDer Pate,The Godfather,tt0068646,5\n")
    assert [str(film) for film in file.films] == ["Der Pate"]
