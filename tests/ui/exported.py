"""Files in the shapes in which services give them, made of films one can check by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

IMDB = """\
Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),\
Year,Genres,Num Votes,Release Date,Directors
tt0000008,9,2024-01-02,Film 8,Film 8,https://www.imdb.com/title/tt0000008/,Movie,7.0,100,1968,\
"Drama, Comedy",1000,1968-01-01,Somebody
tt0000009,3,2024-01-03,Film 9,Film 9,https://www.imdb.com/title/tt0000009/,movie,7.0,100,1969,\
Drama,1000,1969-01-01,Somebody
tt0000777,10,2024-01-04,Long Series,Long Series,https://x/,TV Series,9.0,50,2010,Drama,9,2010-01-01,
tt0000778,,2024-01-04,Film 10,Film 10,https://x/,Movie,9.0,50,1970,Drama,9,1970-01-01,
"""
"""Film 8 liked with 4.5 stars, film 9 disliked with 1.5; a series, and a film without a rating."""

LETTERBOXD = {
    "profile.csv": "Date Joined,Username\n2020-01-01,somebody\n",
    "ratings.csv": "Date,Name,Year,Letterboxd URI,Rating\n"
    "2024-02-01,Film 8,1968,https://boxd.it/a,4.5\n"
    "2024-02-01,[REC],2007,https://boxd.it/b,2\n",
    "watched.csv": "Date,Name,Year,Letterboxd URI\n"
    "2024-02-01,Film 8,1968,https://boxd.it/a\n"
    "2024-02-01,Film 10,1970,https://boxd.it/c\n"
    "2024-02-01,Film 12,1972,https://boxd.it/d\n",
    "watchlist.csv": "Date,Name,Year,Letterboxd URI\n"
    "2024-02-01,Film 8,1968,https://boxd.it/a\n"
    "2024-02-01,Film 14,1974,https://boxd.it/e\n",
    "diary.csv": "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n"
    "2024-02-02,Film 8,1968,https://boxd.it/f,1,,,2023-05-01\n"
    "2024-02-02,Film 16,1976,https://boxd.it/g,3.5,,,2023-05-01\n"
    "2024-02-02,Film 16,1976,https://boxd.it/h,4,Yes,,2023-06-01\n",
    "likes/films.csv": "Date,Name,Year,Letterboxd URI\n"
    "2024-02-01,Film 12,1972,https://boxd.it/d\n"
    "2024-02-01,[REC],2007,https://boxd.it/b\n",
    "lists/best.csv": "Letterboxd list export v7\nDate,Name\n",
    "deleted/diary.csv": "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n"
    "2024-02-02,Film 18,1978,https://boxd.it/i,5,,,2023-05-01\n",
    "orphaned/likes/films.csv": "Date,Name,Year,Letterboxd URI\n2024-02-01,Film 20,1980,x\n",
}
"""Ratings of films 3 and 8; films 10 seen, 12 liked, 14 saved, 16 rated in the diary twice."""

MOVIELENS = """\
movie_id,imdb_id,tmdb_id,rating,average_rating,title
8,0000008,108,4.5,3.1,Film 8 (1968)
9,,,0.5,3.2,Film 9 (1969)
"""


def zipped(files: Mapping[str, str | bytes] = LETTERBOXD) -> bytes:
    """Pack files as Letterboxd does."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()
