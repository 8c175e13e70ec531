"""What the fuzzer begins with: small documents of every kind that is read, in every layout."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.attacks.fuzz_inputs import bundled
from ingest import ingest
from recommender import Recommender
from tests.ui.profiles import own_profile
from ui.state import link
from ui.transfer import exports, profile_file

__all__ = [
    "answers", "folders", "imports", "links", "profiles", "ratings", "sample_index", "scratch",
    "stored", "titles", "zips",
]  # fmt: skip


@cache
def scratch() -> Path:
    """Give a folder to work in."""
    return Path(tempfile.mkdtemp(prefix="kindred-fuzz-"))


@cache
def sample_index() -> Recommender:
    """Open an index of the sample."""
    index = scratch() / "index"
    ingest("sample", index=index)
    return Recommender.open(index)


def _tables() -> list[Mapping[str, bytes]]:
    """Sources in every layout that is known: files by name."""
    rows = [(user, movie, 1 + (user * movie) % 5) for user in range(1, 9) for movie in range(1, 8)]

    def ratings(mark: str, head: str = "", time: str = "{mark}97830{user}") -> bytes:
        lines = [
            f"{u}{mark}{m}{mark}{s}" + time.format(mark=mark, user=u * 1000 + m) for u, m, s in rows
        ]
        return "\n".join([*([head] if head else []), *lines, ""]).encode()

    films = [f'{n},"Film, The {n} ({1990 + n})",Drama|Comedy' for n in range(1, 8)]
    linked = b"".join(b"%d,0%d,%d\n" % (n, n, n) for n in range(1, 8))
    latest = {
        "ratings.csv": ratings(",", "userId,movieId,rating,timestamp"),
        "movies.csv": "\n".join(["movieId,title,genres", *films]).encode(),
        "links.csv": b"movieId,imdbId,tmdbId\n" + linked,
        "tags.csv": b"userId,movieId,tag,timestamp\n1,1,twist ending,1\n2,1,Twist Ending!,2\n",
        "README.txt": b"GroupLens MovieLens",
    }
    ml_1m = {
        "ratings.dat": ratings("::"),
        "movies.dat": b"".join(b"%d::Film %d (1990)::Drama|War\n" % (n, n) for n in range(1, 8)),
        "users.dat": b"".join(b"%d::F::25::%d::48067\n" % (n, n) for n in range(1, 9)),
    }
    flags = "|".join(["0"] * 5 + ["1"] + ["0"] * 13)
    ml_100k = {
        "u.data": ratings("\t"),
        "u.item": "".join(
            f"{n}|Filmé {n} (1990)|01-Jan-1990||http://x/|{flags}\n" for n in range(1, 8)
        ).encode("latin-1"),
        "u.user": b"".join(b"%d|24|M|writer|85711\n" % n for n in range(1, 9)),
    }
    others = [
        {"x.csv": ratings(";", "Benutzer;Film;Sterne;Datum", "{mark}2020-02-03T04:05:06Z")},
        {"likes.tsv": ratings("\t", "user\titem", "").replace(b"\t1\n", b"\n")},
        {"one.csv": ratings(",", "user,movie,rating", "")},
        {"people.csv": b"userid,age,gender,zip\n1,24,M,1\n2,25-34,F,2\n", "r.csv": ratings(",")},
    ]
    return [latest, ml_1m, ml_100k, *others]


def zips() -> list[bytes]:
    """Zips in every way of packing, with what strangers put in them; gzips."""
    made = []
    for number, files in enumerate(_tables()):
        methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
        made.append(_zip(files, methods[number % 4]))
    inner = {"../../evil.csv": b"x", "/etc/x": b"", "C:\\x.csv": b"", "a/b/": b"", ".\\": b""}
    made += [_zip(inner, 0), _zip({"inner.zip": made[0], "r.csv.gz": gzip.compress(b"1,2,3\n")}, 8)]
    first = next(iter(_tables()[0].values()))
    return [*made, gzip.compress(first), gzip.compress(first[:99]) + gzip.compress(first[99:])]


def _zip(files: Mapping[str, bytes], method: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return packed.getvalue()


def ratings() -> list[bytes]:
    """Files of sources, one at a time."""
    return [data for files in _tables() for data in files.values()]


def folders() -> list[bytes]:
    """Sources as a whole."""
    return [bundled(files) for files in _tables()]


def imports() -> list[bytes]:
    """What people bring from elsewhere."""
    head = "Date,Name,Year,Letterboxd URI,Rating\n"
    letterboxd = (head + "2024-02-01,Heat,1995,https://x/,4.5\n2024-02-02,[REC],2007,,\n").encode()
    imdb = (
        b"Const,Your Rating,Date Rated,Title,URL,Title Type,Year\n"
        b'tt0113277,9,2024-01-02,"Heat, ""so""",x,Movie,1995\ntt1,1,2024-01-03,X,x,TV Series,2\n'
    )
    movielens = (
        b"movie_id,imdb_id,tmdb_id,rating,average_rating,title\n2,0113277,949,4.5,3,Heat (1995)\n"
    )
    movies = sample_index().popular(limit=20)
    profile = own_profile(
        {row.movie.movie_id: 1 for row in movies[:9]},
        {movies[0].movie.movie_id: 4.5},
        (movies[10].movie.movie_id,),
        (movies[11].movie.movie_id,),
    )
    taste = exports.kindred(profile, sample_index())
    packed = [bundled({"mine.zip": packed}) for packed in zips()[:2]]
    several = {
        "ratings.csv": letterboxd,
        "watched.csv": letterboxd,
        "imdb.csv": imdb,
        "t.json": taste,
    }
    assert profile_file.read("x", taste.decode()).films
    return [bundled({"ratings.csv": one}) for one in (letterboxd, imdb, movielens)] + [
        bundled({"t.json": taste}),
        bundled({"sheet.csv": exports.spreadsheet(profile, sample_index())}),
        bundled(several), *packed,
    ]  # fmt: skip


def links() -> list[bytes]:
    """Codes of tastes, and what is in them."""
    movies = [row.movie.movie_id for row in sample_index().popular(limit=30)]
    profile = own_profile(
        dict.fromkeys(movies[:9], 1), {movies[0]: 4.5}, (movies[10],), (movies[11],)
    )
    code = link.encode(profile, sample_index()) or ""
    data = base64.urlsafe_b64decode(code[2:] + "=" * (-len(code[2:]) % 4))
    text = b"\x01\x00\x01\x01" + bytes([len(str(movies[0]))]) + str(movies[0]).encode()
    return [code.encode(), data[4:], text, b"\x80" * 1400 + b"\x01\x00\x00", b"2a"]


def titles() -> list[bytes]:
    """Titles, as people type them and as lists have them."""
    return [
        b"The Matrix\nMatrix, The (1999)\nlord of the\nSeven (a.k.a. Se7en) (1995)\nimdb:tt0133093",
        b"id:2\ntmdb:603\n\xc3\x89t\xc3\xa9 (L') (2001-2003)\n (\n((((\nHeat: Part 2 - III",
        b"sStar\xed\xa0\x80\nWALL\xc2\xb7E & Me\n" + b" (x)" * 50,
    ]


def profiles() -> list[bytes]:
    """Opinions and stars."""
    profiles: list[list[list[Any]]] = [
        [[2, 1], [3, -1], ["imdb:tt0133093", 0]], [["id:2", 4.5], [5, 0.5]], [["Heat", 1], [2, 2]],
        [[n, 1 - n % 3] for n in range(1, 60)], [[10**30, 1], [-1, 1], ["", 0]], [],
    ]  # fmt: skip
    return [json.dumps({"profile": profile}).encode() for profile in profiles]


def stored() -> list[bytes]:
    """Records of an index, manifests and results of evaluations."""
    sample_index()
    manifest = next((scratch() / "index").rglob("manifest.json"), None)
    interval = {"value": 0.5, "low": 0.4, "high": 0.6}
    score = {"method": "kindred", "length": "10", "people": 9, "setting": {"a": 1}}
    score |= dict.fromkeys(("ndcg_10", "ndcg_100", "recall_20", "lead"), interval)
    score |= dict.fromkeys(("coverage_10", "popularity_10", "novelty_10"), 0.5)
    quality = {"kind": "ranking", "source": {"name": "x", "title": "x"}, "created": "", "seed": 0}
    quality |= dict.fromkeys(("ratings", "users", "movies", "splits"), 5)
    quality |= {"versions": {"x": "1"}, "seconds": {"x": 1.0}, "ranking": [score]}
    packed = base64.b64encode(bytes(range(1, 16))).decode()
    rater = {"user_id": 1, "length": 2.5, "ratings": packed, "rating_count": 5, "last_day": 3}
    movie = {"movie_id": 1, "title": "Heat", "genres": ["Drama"], "tags": ["x"], "ratings": 3}
    movie |= {"likes": 1, "recent": 1, "counted_ratings": 3, "length": 1.0, "mean": 3.5}
    documents = [quality, rater, movie]
    found = [] if manifest is None else [manifest.read_bytes()]
    return [bytes(range(60)), *found, *(json.dumps(one).encode() for one in documents)]


def answers() -> list[bytes]:
    """Answers of OMDb, and what is remembered of a visitor."""
    poster = "https://m.media-amazon.com/images/M/x.jpg"
    film = {
        "Response": "True",
        "Plot": "A\nplot.",
        "Director": "X",
        "Actors": "Y, Z",
        "Runtime": "90 min",
    }
    kept = {"films": [[2, "tt1"], [3, None], [5, "tt2"]], "ratings": [[2, 1], [3, -1]]}
    kept |= {"stars": [[2, 4.5]], "watchlist": [5], "hidden": []}
    documents = [film | {"Poster": poster}, film | {"Poster": "N/A"}, kept]
    refused = {"Response": "False", "Error": "Invalid API key!"}
    return [json.dumps(one).encode() for one in (*documents, refused)]
