"""Files of each service, by their real headings: what is read of them, and what is said of it."""

from __future__ import annotations

import json

import pytest

from tests.ui.exported import zipped
from ui.transfer.imports import ImportedFiles

LIST = "Date,Name,Year,Letterboxd URI\n2024-01-02,Heat,1995,https://boxd.it/2b6I\n"
DIARY = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date{}\n"
IMDB = (
    "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),"
    "Year,Genres,Num Votes,Release Date,Directors\n"
)
ON_LIST = (
    "Position,Const,Created,Modified,Description,Title,Original Title,URL,Title Type,IMDb Rating,"
    "Runtime (mins),Year,Genres,Num Votes,Release Date,Directors,Your Rating,Date Rated\n"
)
HEAT_ON_LIST = (
    "1,tt0113277,2024-01-02,2024-01-02,,Heat,Heat,https://www.imdb.com/title/tt0113277/,{},8.3,170,"
    "1995,Crime,1,1995-12-15,Michael Mann,{},\n"
)
SIMKL = "SIMKL_ID,Title,Type,Year,Watchlist,LastEpWatched,WatchedDate,Rating,Memo,TVDB,TMDB,IMDB\n"
SPREADSHEET = "title,year,opinion,stars,genres,imdb_id,tmdb_id,movie_id\n"
FOR_LETTERBOXD = "imdbID,tmdbID,Title,Year,Rating,WatchedDate\n"
TRAKT_CSV = "imdb_id,tmdb_id,type,watched_at,watchlisted_at,rating,rated_at\n"
IDS = {"simkl": 1, "slug": "heat", "imdb": "tt0113277", "tmdb": "949"}
FILM = {"title": "Heat", "poster": "1/2", "year": 1995, "ids": IDS}
SEEN = {"last_watched_at": "2021-01-02T03:04:05Z", "status": "completed"}
RATED = "Date,Name,Year,Letterboxd URI,Rating\n2024-01-02,Heat,1995,https://boxd.it/2b6I,5\n"
TRAKT = {"title": "Heat", "year": 1995, "ids": {"trakt": 1, "slug": "heat", "imdb": "tt0113277"}}
AT = "2021-01-02T03:04:05.000Z"

# Name and text of each; the line about it; and its films, with what is said and the day.
FILES: list[tuple[str, str, str, list[str]]] = [
    # Letterboxd
    ("watchlist.csv", LIST, " (Letterboxd): 1 film to watch.", ["Heat (1995) to watch 2024-01-02"]),
    ("watched.csv", LIST, " (Letterboxd): 1 film.", ["Heat (1995) seen 2024-01-02"]),
    ("films.csv", LIST, " (Letterboxd): 1 film.", ["Heat (1995) liked 2024-01-02"]),
    (
        "diary.csv",
        DIARY.format("")
        + "2024-01-02,Heat,1995,https://boxd.it/a,3,,,2024-01-01\n"
        + "2024-02-02,Heat,1995,https://boxd.it/b,4.5,Yes,,2024-02-01\n"
        + "2024-03-02,Heat,1995,https://boxd.it/c,,Yes,,2024-03-01\n"
        + "2024-02-02,Ran,1985,https://boxd.it/d,,,,2024-02-01\n",
        " (Letterboxd): 2 films. More than once: 1 film, of which the latest rating counts.",
        ["Heat (1995) liked, 4.5 stars 2024-02-01", "Ran (1985) seen 2024-02-01"],
    ),
    (
        "reviews.csv",
        "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"
        '2024-01-02,Heat,1995,https://boxd.it/a,2,,"Long,\n\n""too"" long",,2024-01-01\n',
        " (Letterboxd): 1 film.",
        ["Heat (1995) disliked, 2 stars 2024-01-01"],
    ),
    # IMDb
    (
        "ratings.csv",
        IMDB
        + "tt0113277,7,2024-01-02,Heat,Heat,https://x/,Movie,8.3,170,1995,Crime,1,1995-12-15,\n"
        "tt0903747,10,2024-01-02,Breaking Bad,Breaking Bad,https://x/,TV Series,9,45,2008,,1,,\n"
        "tt0959621,9,2024-01-02,Pilot,Pilot,https://x/,TV Episode,9,58,2008,,1,,\n"
        "tt0280140,9,2024-01-02,Max Payne,Max Payne,https://x/,Video Game,8,,2001,,1,,\n",
        " (IMDb): 1 film. Left out: 1 listed as series, 1 listed as episode, 1 listed as game.",
        ["Heat (1995) seen, 3.5 stars 2024-01-02"],
    ),
    (
        "ratings.csv",
        "Const,Tu calificación,Fecha de calificación,Título,Título original,URL,Tipo de título,"
        "Año\n"
        "tt0113277,7,2024-01-02,Heat,Heat,https://x/,Película,1995\n"
        "tt0903747,8,2024-01-02,Breaking Bad,,https://x/,Serie de TV,2008\n",
        " (IMDb): 1 film. Left out: 1 listed as series.",
        ["Heat (1995) seen, 3.5 stars 2024-01-02"],
    ),
    (
        "watchlist.csv",
        "Position,Const,Created,Modified,Description,Name,Known For,Birth Date\n"
        "1,nm0000199,2024-01-02,2024-01-02,,Al Pacino,Heat,1940-04-25\n",
        " (IMDb): 0 films. Left out: 1 listed as person.",
        [],
    ),
    (
        "watchlist.csv",
        ON_LIST + HEAT_ON_LIST.format("movie", ""),
        " (IMDb): 1 film to watch.",
        ["Heat (1995) to watch 2024-01-02"],
    ),
    (
        "Best of the 90s.csv",
        ON_LIST + HEAT_ON_LIST.format("Movie", "9") + HEAT_ON_LIST.format("TV Mini Series", ""),
        " (IMDb): 1 film. Left out: 1 listed as series.",
        ["Heat (1995) liked, 4.5 stars 2024-01-02"],
    ),
    # MovieLens
    (
        "movielens-ratings.csv",
        "movie_id,imdb_id,tmdb_id,rating,average_rating,title\n"
        '6,0113277,949,0.5,3.9,"Heat (1995)"\n',
        " (MovieLens): 1 film.",
        ["Heat (1995) disliked, 0.5 stars "],
    ),
    (
        "movielens-wishlist.csv",
        "movie_id,imdb_id,tmdb_id,average_rating,title\n6,0113277,949,3.9,Heat (1995)\n",
        ": 1 film to watch.",
        ["Heat (1995) to watch "],
    ),
    # Trakt
    (
        "trakt.csv",
        TRAKT_CSV + f"tt0113277,949,movie,{AT},,8,{AT}\ntt0089881,,movie,,{AT},,\n"
        f"tt0062622,62,movie,{AT},,,\ntt0903747,1396,show,,,9,{AT}\n",
        " (Trakt): 3 films, 1 of them to watch. Left out: 1 listed as series.",
        [
            "tt0113277 liked, 4 stars 2021-01-02",
            "tt0089881 to watch 2021-01-02",
            "tt0062622 seen 2021-01-02",
        ],
    ),
    (
        "rated_movies.csv",
        "Title,Year,ImdbId,TmdbId,TraktId,Slug,RatedAt,Rating\n"
        f"Heat,1995,tt0113277,949,1,heat,{AT},4\n",
        " (Trakt): 1 film.",
        ["Heat (1995) disliked, 2 stars 2021-01-02"],
    ),
    (
        "watched_movies.csv",
        "TraktId,ImdbId,TmdbId,Slug,Title,Year,WatchedAt,Plays\n"
        f"1,tt0113277,949,heat,Heat,1995,{AT},3\n",
        " (Trakt): 1 film.",
        ["Heat (1995) seen 2021-01-02"],
    ),
    (
        "watchlist.csv",
        "rank,listed_at,notes,type,title,year,released,trakt_id,imdb_id,tmdb_id,tvdb_id,url\n"
        f"1,{AT},,movie,Heat,1995,1995-12-15,1,tt0113277,949,,https://x/\n"
        f"2,{AT},,season,Lost,2004,2004-09-22,2,,,,https://x/\n",
        " (Trakt): 1 film to watch. Left out: 1 listed as season.",
        ["Heat (1995) to watch 2021-01-02"],
    ),
    (
        "history.json",
        json.dumps(
            [
                {"id": 1, "watched_at": "2020-05-06T00:00:00Z", "type": "movie", "movie": TRAKT},
                {"id": 2, "watched_at": AT, "action": "watch", "type": "movie", "movie": TRAKT},
                {"id": 3, "watched_at": AT, "type": "episode", "episode": {}, "show": {}},
            ]
        ),
        " (Trakt): 1 film. More than once: 1 film, of which the latest rating counts. Left out: 1 "
        "listed as episode.",
        ["Heat (1995) seen 2021-01-02"],
    ),
    (
        "lists/watchlist.json",
        json.dumps([{"rank": 1, "listed_at": AT, "type": "movie", "movie": TRAKT}]),
        " (Trakt): 1 film to watch.",
        ["Heat (1995) to watch 2021-01-02"],
    ),
    (
        "dump.json",
        json.dumps(
            {
                "username": "somebody",
                "ratings": [{"rated_at": AT, "rating": 9, "type": "movie", "movie": TRAKT}],
                "watchlist": [{"listed_at": AT, "type": "movie", "movie": {"title": "Ran"}}],
                "history": [],
            }
        ),
        " (Trakt): 2 films, 1 of them to watch.",
        ["Heat (1995) liked, 4.5 stars 2021-01-02", "Ran to watch 2021-01-02"],
    ),
    # Simkl
    (
        "SimklBackup.csv",
        SIMKL + "1,Heat,movie,1995,completed,,2021-01-02 03:04:05,6,,,949,tt0113277\n"
        "2,Ran,movie,1985,plantowatch,,,,,,11645,\n3,Lost,tv,2004,watching,s1e2,,,,,,\n"
        "4,Cowboy Bebop,anime,1998,completed,,,10,,,,\n5,Cats,movie,2019,dropped,,,,,,,\n",
        " (Simkl): 2 films, 1 of them to watch. Left out: 2 listed as series, 1 without a rating.",
        ["Heat (1995) seen, 3 stars 2021-01-02", "Ran (1985) to watch "],
    ),
    (
        "SimklBackup.json",
        json.dumps(
            {
                "movies": [
                    {**SEEN, "user_rating": 8, "user_rated_at": "2021-02-03", "movie": FILM},
                    {**SEEN, "movie": {"title": "Ran", "year": 1985, "ids": {"tmdb": ""}}},
                    {"status": "plantowatch", "movie": {"title": "Jaws", "year": 1975}},
                    {"status": "dropped", "movie": {"title": "Cats", "year": 2019}},
                ],
                "shows": [{**SEEN, "user_rating": 9, "show": FILM, "seasons": []}],
                "anime": [
                    {**SEEN, "anime_type": "movie", "show": {"title": "Akira", "year": 1988}},
                    {**SEEN, "anime_type": "tv", "show": FILM},
                ],
            }
        ),
        " (Simkl): 4 films, 1 of them to watch. Left out: 2 listed as show, 1 without a rating in "
        "a file not named a watchlist.",
        [
            "Heat (1995) liked, 4 stars 2021-02-03",
            "Ran (1985) seen 2021-01-02",
            "Jaws (1975) to watch ",
            "Akira (1988) seen 2021-01-02",
        ],
    ),
    # Criticker
    (
        "rankings.csv",
        "Score, Film Name, Date Rated, Year, Mini Review, URL, IMDB ID\n"
        '82, Heat," Jan 02 2021, 13:01",1995, ,https://www.criticker.com/film/Heat/,tt0113277\n'
        '90, Lost," Jan 03 2021, 13:01",2004, ,https://www.criticker.com/tv/Lost/,tt0411008\n',
        " (Criticker): 1 film. Left out: 1 listed as series.",
        ["Heat (1995) liked, 4 stars 2021-01-02"],
    ),
    (
        "criticker-old.csv",
        "Score, Film Name, Year, Mini Review, URL, IMDB ID\n"
        "0,Cats,2019,,https://www.criticker.com/film/Cats/,tt5697572\n",
        " (Criticker): 1 film.",
        ["Cats (2019) disliked, 0.5 stars "],
    ),
    # TMDB
    (
        "rated.csv",
        "TMDb ID,IMDb ID,Type,Name,Release Date,Season Number,Episode Number,Rating,Your Rating,"
        "Date Rated\n949,tt0113277,movie,Heat,1995-12-15,,,7.9,9,2021-01-02T03:04:05Z\n"
        "1396,,tv,Breaking Bad,2008-01-20,,,8.9,10,2021-01-02T03:04:05Z\n"
        "949,,tv,Pilot,2008-01-20,1,1,8.9,10,2021-01-02T03:04:05Z\n",
        " (TMDB): 1 film. Left out: 2 listed as series.",
        ["Heat (1995) liked, 4.5 stars 2021-01-02"],
    ),
    # Netflix
    (
        "NetflixViewingHistory.csv",
        'Title,Date\n"Heat","1/31/24"\n"Heat","2/1/24"\n"Dark: Season 1: Secrets","2/1/24"\n',
        " (Netflix): 1 film. More than once: 1 film, of which the latest rating counts. Left out: "
        "1 listed as episode.",
        ["Heat seen 2024-02-01"],
    ),
    (
        "NetflixViewingHistory.csv",
        'Title,Date\n"Heat","24.01.23"\n"Ran","02.03.23"\n',
        " (Netflix): 2 films.",
        ["Heat seen 2023-01-24", "Ran seen 2023-03-02"],
    ),
    (
        "ViewingActivity.csv",
        "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,"
        "Bookmark,Latest Bookmark,Country\n"
        "Me,2022-10-17 23:42:00,02:43:26,,Heat,,TV,02:41:19,02:41:19,DE (Germany)\n"
        "Me,2022-10-17 20:42:00,00:01:26,,Heat_hook_primary_16x9,HOOK,TV,00:01:19,,DE (Germany)\n"
        "Me,2022-10-17 20:42:00,00:41:26,,Dark: Season 1: Lies (Episode 3),,TV,00:41:19,,DE\n",
        " (Netflix): 1 film. Left out: 1 listed as trailer, 1 listed as episode.",
        ["Heat seen 2022-10-17"],
    ),
    # Filmweb, and programs of people for others
    (
        "filmweb.csv",
        "timestamp,iso_date,user_rating,global_rating,global_rating_count,original_title,pl_title,"
        "directors,countries,genres,movie_id,link,duration_min,year\n"
        "1706659200,2024-01-31,8,7.9,1000,Heat,Gorączka,Michael Mann,USA,Crime,,https://x/,170,"
        "1995\n",
        " (Filmweb): 1 film.",
        ["Heat (1995) liked, 4 stars 2024-01-31"],
    ),
    (
        "kinopoisk.csv",
        "русскоязычное название;оригинальное название;год;моя оценка\nСхватка;Heat;1995;9\n",
        ": 1 film, rated out of 10 under “моя оценка”.",
        ["Схватка (Heat) (1995) liked, 4.5 stars "],
    ),
    (
        "todomovies.csv",
        "Title,Genre,Release Date,Watched,Your Rating,TodoMovies URL,The Movie Database ID\n"
        "Heat,Crime,1995-12-15,TRUE,5,https://x/,949\n",
        ": 1 film, rated out of 5 under “Your Rating”.",
        ["Heat (1995) liked, 5 stars "],
    ),
    (
        "film-diary.csv",
        "imdbID,Title,Year,Rating10,WatchedDate,Rewatch\ntt0113277,Heat,1995,7,2024-01-02,false\n",
        " (for Letterboxd): 1 film.",
        ["Heat (1995) seen, 3.5 stars 2024-01-02"],
    ),
    # Kindred's own
    (
        "kindred-taste.csv",
        SPREADSHEET + "Heat,1995,like,4.5,Crime,tt0113277,949,6\nRan,1985,watchlist,,,,,7\n"
        "'=1+1,,seen,,,,,8\nCats,2019,not interested,,,,,9\n",
        " (Kindred): 4 films, 1 of them to watch.",
        [
            "Heat (1995) liked, 4.5 stars ",
            "Ran (1985) to watch ",
            "=1+1 seen ",
            "Cats (2019) not interested ",
        ],
    ),
    (
        "kindred-ratings.csv",
        FOR_LETTERBOXD + "tt0113277,949,Heat,1995,1,\ntt0089881,,Ran,1985,,\n",
        " (for Letterboxd): 2 films.",
        ["Heat (1995) disliked, 1 star ", "Ran (1985) seen "],
    ),
    (
        "kindred-ratings.csv",
        FOR_LETTERBOXD + "tt0113277,949,Heat,1995,,\n",
        " (for Letterboxd): 1 film.",
        ["Heat (1995) seen "],
    ),
    (
        "kindred-watchlist (2).csv",
        FOR_LETTERBOXD + "tt0113277,949,Heat,1995,,\n",
        " (for Letterboxd): 1 film to watch.",
        ["Heat (1995) to watch "],
    ),
    (
        "kindred-taste.json",
        json.dumps({"kindred_taste": 1, "ratings": [{"title": "Heat", "opinion": "like"}]}),
        " (Kindred): 1 film.",
        ["Heat liked "],
    ),
    # Tables of anybody
    (
        "thumbs.csv",
        "Title,Rating,Date\nHeat,like,1/2/24\nRan,Dislike,31/1/24\nJaws,great,\n",
        ": 2 films. Left out: 1 with a rating that is not a number.",
        ["Heat liked 2024-02-01", "Ran disliked 2024-01-31"],
    ),
    (
        "stars.csv",
        "Film;Bewertung;Datum\nHeat;★★★★★★★☆☆☆;2. Januar 2024\nRan;3/4;Jan 2, 2024\n",
        ": 2 films. Kept without a day: 1 row, as “2. Januar 2024” is no date.",
        ["Heat seen, 3.5 stars ", "Ran seen, 4 stars 2024-01-02"],
    ),
    (
        "dates.csv",
        "Title,Rating10,Date Rated\nHeat,8,1/2/24\nRan,9,3/4/24\n",
        ": 2 films. Kept without a day: 2 rows, as “1/2/24” may have the day or the month first.",
        ["Heat liked, 4 stars ", "Ran liked, 4.5 stars "],
    ),
    (
        "excel.tsv",
        "Titel\tJahr\tNote\tTMDB\nHeat\t1995\t17,5\t949.0\nRan\t1985\tn/a\t\n",
        ": 1 film, rated out of 20 under “Note”. Left out: 1 without a rating.",
        ["Heat (1995) liked, 4.5 stars "],
    ),
    (
        "numbers.csv",
        "tmdb_id,rating\n949,10\n62,1\n",
        ": 2 films, rated out of 10 under “rating”.",
        ["TMDB 949 liked, 5 stars ", "TMDB 62 disliked, 0.5 stars "],
    ),
]


def brought(name: str, text: str | bytes) -> ImportedFiles:
    """Bring one file."""
    files = ImportedFiles()
    files.add(name, text.encode() if isinstance(text, str) else text)
    return files


@pytest.mark.parametrize(("name", "text", "line", "films"), FILES)
def test_a_file_of_a_service_is_read(name: str, text: str, line: str, films: list[str]) -> None:
    """Every film, what is said of it, and the day; and one line about all of it."""
    files = brought(name, text)
    assert (files.problems, files.questions) == ([], [])
    assert files.summaries == [name + line]
    assert [f"{film} {film.opinion_words} {film.when}" for film in files.films] == films


# Name and text of each, what it leaves open, and why.
OPEN = [
    ("my list.csv", LIST, "unrated", "none of its headings (Date, Name, Year, Letterboxd URI) is"),
    (
        "best.csv",
        "Letterboxd list export v7\nDate,Name,Tags,URL,Description\n2024-01-02,Best,,https://x/,\n"
        "\nPosition,Name,Year,URL,Description\n1,Heat,1995,https://boxd.it/2b6I,\n",
        "unrated",
        "none of its headings (Position, Name, Year, URL, Description) is a rating",
    ),
    (
        "0c9a8f2e.csv",
        ON_LIST + HEAT_ON_LIST.format("Movie", "") + HEAT_ON_LIST.format("Movie", "9"),
        "unrated",
        "it has films without a rating, which may be seen or to watch",
    ),
    (
        "kindred-recommendations.csv",
        FOR_LETTERBOXD + "tt0113277,949,Heat,1995,,\n",
        "unrated",
        "it has films without a rating, which may be seen or to watch",
    ),
    ("a.csv", "Peli;Puntos\nHeat;9\n", "columns", "none of its headings (Peli, Puntos) is"),
    (
        "b.csv",
        "Title,Rating\nHeat,3\nRan,4\n",
        "scale",
        "ratings under “Rating” go up to 4, so the scale may end at 5 or elsewhere",
    ),
    (
        "c.csv",
        "Title,Rating\nHeat,11\nRan,12\n",
        "scale",
        "ratings under “Rating” go up to 12, so the scale may end at 20 or elsewhere",
    ),
    (
        "d.csv",
        "Title,Rating\nHeat,1\nRan,-1\n",
        "scale",
        "it has nothing but -1 and 1 under “Rating”, which may be thumbs or stars",
    ),
]


@pytest.mark.parametrize(("name", "text", "about", "why"), OPEN)
def test_what_a_file_leaves_open_is_asked(name: str, text: str, about: str, why: str) -> None:
    """Nothing is guessed, and what is seen is said."""
    files = brought(name, text)
    assert (files.films, files.problems, files.summaries) == ((), [], [])
    (question,) = files.questions
    assert (question.name, question.about) == (name, about)
    assert question.why.startswith(why)


def test_of_a_zip_only_a_scale_or_a_single_file_is_asked_about() -> None:
    """What is no list of films for certain is left out there."""
    scale = "Title,Rating\nHeat,3\n"
    files = brought("mine.zip", zipped({"a.csv": scale, "comments.csv": "Date,Content\n1,x\n"}))
    assert [question.name for question in files.questions] == ["mine.zip: a.csv"]
    assert files.summaries == ["mine.zip: left out comments.csv."]
    files = brought("mine.zip", zipped({"b.csv": "Peli;Puntos\nHeat;9\n", "old.zip": "PK"}))
    assert [question.about for question in files.questions] == ["columns"]
    assert files.summaries == ["mine.zip: left out old.zip."]
    assert files.problems == []


def test_lists_in_a_zip_are_left_aside_unless_they_are_the_watchlist() -> None:
    """Those of Letterboxd may have any title; Trakt has its watchlist among them."""
    best = "Letterboxd list export v7\nDate,Name\n1,x\n\nPosition,Name,Year,URL\n1,Heat,1995,x\n"
    trakt = json.dumps([{"rank": 1, "listed_at": AT, "type": "movie", "movie": TRAKT}])
    files = {"ratings.csv": RATED, "lists/watched-with-mum.csv": best, "deleted/watched.csv": LIST}
    read = brought("mine.zip", zipped(files))
    assert [film.opinion_words for film in read.films] == ["liked, 5 stars"]
    assert read.summaries[1:] == ["mine.zip: left out lists/watched-with-mum.csv."]
    read = brought("mine.zip", zipped({"lists/watchlist.json": trakt, "lists/best.json": trakt}))
    assert [film.opinion_words for film in read.films] == ["to watch"]
