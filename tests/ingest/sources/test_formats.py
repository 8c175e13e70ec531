"""Every public data set in the layout of its archive, and plain tables, from file to index.

The files are few lines long; which there are, what they are called and how they are written is as
in the archives, with everything in them that is of no use here.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest import ingest
from recommender import Recommender
from tests.recommender.storage.engines import memory

README = (
    b"SUMMARY\n=======\n\nMovieLens data sets were collected by the GroupLens Research Project."
)
ALLBUT = b"""#!/usr/local/bin/perl

# get args
if (@ARGV < 3) {
\tprint STDERR "Usage: $0 base_name start stop max_test [ratings ...]\\n";
\texit 1;
}
"""
SHELL = b"""#!/bin/sh

trap `rm -f tmp.$$; exit 1` 1 2 15

for i in 1 2 3 4 5
do
\thead -`expr $i \\* 20000` u.data | tail -20000 > tmp.$$
\tsort -t"\t" -k 1,1n -k 2,2n tmp.$$ > u$i.test
done
"""

U_DATA = (
    b"196\t1\t3\t881250949\n186\t2\t3\t891717742\n196\t543\t5\t878887116\n244\t2\t1\t880606923\n"
)
U_ITEM = """\
1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)\
|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0
2|GoldenEye (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?GoldenEye%20(1995)\
|0|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0|1|0|0
267|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0
543|Misérables, Les (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Mis%E9rables\
|0|0|0|0|0|0|0|0|1|0|0|0|1|0|0|0|0|0|0
""".encode("latin-1")
SPLITS = [f"u{n}.{part}" for n in "12345ab" for part in ("base", "test")]

ML_100K = {
    "README": README,
    "allbut.pl": ALLBUT,
    "mku.sh": SHELL,
    "u.data": U_DATA,
    "u.genre": b"unknown|0\nAction|1\nAdventure|2\nAnimation|3\nChildren's|4\nComedy|5\n\n",
    "u.info": b"943 users\n1682 items\n100000 ratings\n",
    "u.item": U_ITEM,
    "u.occupation": b"administrator\nartist\ndoctor\n",
    "u.user": b"1|24|M|technician|85711\n2|53|F|other|94043\n3|23|M|writer|32067\n",
    # u1 to u5, and ua and ub: each the ratings once more, in two parts.
    **dict.fromkeys(SPLITS, U_DATA),
}
ML_1M = {
    "README": README,
    "movies.dat": (
        "1::Toy Story (1995)::Animation|Children's|Comedy\n"
        "73::Misérables, Les (1995)::Drama|Musical\n"
        "3952::Contender, The (2000)::Drama|Thriller\n"
    ).encode("latin-1"),
    "ratings.dat": b"1::1::5::978300760\n1::73::3::978302109\n2::73::1::978301968\n",
    "users.dat": b"1::F::1::10::48067\n2::M::56::16::70072\n3::M::25::15::55117\n",
}
ML_10M = {
    "README.html": b"<!DOCTYPE html>\n<html><p>GroupLens: MovieLens 10M: UserID::MovieID::Rating",
    "allbut.pl": ALLBUT,
    "movies.dat": (
        "1::Toy Story (1995)::Adventure|Animation|Children|Comedy|Fantasy\n"
        "73::Misérables, Les (1995)::Drama|War\n"
    ).encode(),
    "ratings.dat": b"1::1::5::838985046\n1::73::0.5::838983525\n3::73::3.5::1136075494\n",
    "split_ratings.sh": SHELL,
    "tags.dat": b"15::1::excellent!::1215184630\n20::73::politics::1188263867\n20::1::95::118826\n",
}
LATER = {
    "README.txt": README,
    "links.csv": b"movieId,imdbId,tmdbId\r\n1,0114709,862\r\n73,0113828,48787\r\n",
    "movies.csv": (
        "movieId,title,genres\r\n"
        "1,Toy Story (1995),Adventure|Animation|Children|Comedy|Fantasy\r\n"
        '73,"Misérables, Les (1995)",Drama|War\r\n'
    ).encode(),
    "ratings.csv": (
        b"userId,movieId,rating,timestamp\r\n"
        b"1,1,4.0,964982703\r\n1,73,0.5,964981247\r\n2,73,3.5,1445714835\r\n"
    ),
    "tags.csv": b"userId,movieId,tag,timestamp\r\n2,1,funny,1445714994\r\n2,73,1,1445714996\r\n",
}
GENOME = {
    "genome-scores.csv": b"movieId,tagId,relevance\n"
    + b"".join(b"1,%d,0.%05d\n" % (tag, tag) for tag in range(1, 1129)),
    "genome-tags.csv": b"tagId,tag\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(1, 1129)),
}
CHECKSUMS = {"checksums.txt": b"8f033867bcb4e6be8792b21468b4fa6e  README.txt\n"}
MOVIETWEETINGS = {
    "README.md": b"# MovieTweetings\nRatings from tweets, as `user::movie::rating::timestamp`.\n",
    "movies.dat": (
        b"0000008::Edison Kinetoscopic Record of a Sneeze (1894)::Documentary|Short\n"
        b"0114508::Species (1995)::Action|Horror|Sci-Fi\n"
        b"10048342::The Queen's Gambit (2020)::Drama\n"
    ),
    "ratings.dat": b"1::0114508::8::1381006850\n2::0114508::0::1376753198\n2::10048342::10::16e8\n",
    "users.dat": b"1::139564917\n2::17528189\n3::522540374\n",
}
CSV = b"user,movie,rating\nann,Dune,4\nann,Heat,2.5\nbob,Dune,5\n"
BARE = CSV.split(b"\n", 1)[1]


def inside(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Put files into a folder, as archives do."""
    return {f"{folder}/{name}": data for name, data in files.items()}


def packed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Gzip each file."""
    return {f"{name}.gz": gzip.compress(data) for name, data in files.items()}


@dataclass(frozen=True)
class Expected:
    """What is to be found in the index."""

    counts: tuple[int, int, int]
    """Ratings, users, movies."""
    scale: str
    timed: bool
    movie: tuple[int | str, str, int | None, tuple[str, ...], str | None]
    """Id, title, year, genres and number in IMDb of one of the movies."""
    movielens: bool = False
    """Whether the files say so, and with it what may be done with them."""


TITLE = "Les Misérables"
NOTHING: tuple[str, ...] = ()
NAMED = Expected((3, 2, 2), "0.5-5", False, ("Dune", "Dune", None, NOTHING, None))
FIVE = ("Adventure", "Animation", "Children", "Comedy", "Fantasy")
EXPECTED_LATER = Expected((3, 2, 2), "0.5-5", True, (1, "Toy Story", 1995, FIVE, "tt0114709"), True)

SOURCES: dict[str, tuple[Mapping[str, bytes], Expected]] = {
    "ml-100k": (
        inside("ml-100k", ML_100K),
        Expected((4, 3, 4), "1-5", True, (543, TITLE, 1995, ("Drama", "Musical"), None), True),
    ),
    "ml-1m": (
        inside("ml-1m", ML_1M),
        Expected((3, 2, 3), "1-5", True, (73, TITLE, 1995, ("Drama", "Musical"), None), True),
    ),
    "ml-10m": (
        inside("ml-10M100K", ML_10M),
        Expected((3, 2, 2), "0.5-5", True, (73, TITLE, 1995, ("Drama", "War"), None), True),
    ),
    "ml-20m": (inside("ml-20m", LATER | GENOME), EXPECTED_LATER),
    "ml-25m": (inside("ml-25m", LATER | GENOME), EXPECTED_LATER),
    "ml-32m": (inside("ml-32m", LATER | CHECKSUMS), EXPECTED_LATER),
    "ml-latest-small": (inside("ml-latest-small", LATER), EXPECTED_LATER),
    "ml-latest-small, each file gzipped": (packed(LATER), EXPECTED_LATER),
    "MovieTweetings": (
        inside("latest", MOVIETWEETINGS),
        Expected(
            (3, 2, 3), "0-10", True, (114508, "Species", 1995, ("Action", "Horror", "Sci-Fi"),
            "tt0114508"),
        ),
    ),
    "csv": ({"ratings.csv": CSV}, NAMED),
    "csv without header": ({"ratings.csv": BARE}, NAMED),
    "csv without header, ids with numbers in them": (
        {"ratings.csv": b"user1,movie1,4\nuser1,movie2,2.5\nuser2,movie1,5\n"},
        Expected((3, 2, 2), "0.5-5", False, ("movie1", "movie1", None, NOTHING, None)),
    ),
    "tsv": ({"ratings.tsv": CSV.replace(b",", b"\t")}, NAMED),
    "tsv without header": ({"ratings.tsv": BARE.replace(b",", b"\t")}, NAMED),
    "semicolons": ({"ratings.csv": CSV.replace(b",", b";")}, NAMED),
    "bars": ({"ratings.txt": CSV.replace(b",", b"|")}, NAMED),
    "gzip": ({"ratings.csv.gz": gzip.compress(CSV)}, NAMED),
    "gzip without its name": ({"ratings.csv": gzip.compress(CSV)}, NAMED),
    "gzip in several pieces": (
        {"ratings.csv.gz": gzip.compress(CSV[:30]) + gzip.compress(CSV[30:])}, NAMED,
    ),
    "gzip in a folder": ({"data/ratings.csv.gz": gzip.compress(CSV)}, NAMED),
    "gzip of UTF-16": (
        {"ratings.csv.gz": gzip.compress(CSV.decode().encode("utf-16"))}, NAMED,
    ),
}  # fmt: skip


CASES = [
    pytest.param(files, expected, how, id=f"{name}, {how}")
    for name, (files, expected) in SOURCES.items()
    for how in ("folder", "zip", "file")
    if how != "file" or len(files) == 1
]


@pytest.mark.parametrize(("files", "expected", "how"), CASES)
def test_a_source_is_ingested_whole(
    tmp_path: Path, files: Mapping[str, bytes], expected: Expected, how: str
) -> None:
    """The right files are found, nothing is dropped, and movies are called what they are called."""
    path = tmp_path / "source"
    if how == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    else:
        for name, data in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    if how == "file":
        path /= next(iter(files))
    with memory() as store:
        report = ingest(str(path), index=store)
        with Recommender(store) as rec:
            stats = rec.stats()
            movie = rec.movie(expected.movie[0])
    assert (report.ratings, report.users, report.movies) == expected.counts
    assert report.dropped == {}
    assert (stats.scale, stats.timed) == (expected.scale, expected.timed)
    assert (movie.movie_id, movie.title, movie.year, movie.genres, movie.imdb_id) == expected.movie
    assert (stats.source.licence is not None) == expected.movielens
