"""Every layout that is understood, with a hand-written file each."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest.sources.files import open_source_files
from recommender import SourceError
from tests.ingest.files import Row, cleaned, raw, rows

DAY = 86_400
PLAIN: list[Row] = [(1, 10, 4.0, None), (1, 20, 2.5, None), (2, 10, 5.0, None)]
TIMED: list[Row] = [(1, 10, 4.0, 1), (1, 20, 2.5, 2), (2, 10, 5.0, 3)]
NAMED: list[Row] = [("ann", "m1", 4.0, None), ("ann", "m2", 2.5, None), ("bob", "m1", 5.0, None)]

LAYOUTS: dict[str, tuple[bytes, list[Row]]] = {
    "MovieLens csv": (
        b"userId,movieId,rating,timestamp\n1,10,4.0,86400\n1,20,2.5,172800\n2,10,5.0,259200\n",
        TIMED,
    ),
    "with CRLF": (
        b"userId,movieId,rating,timestamp\r\n1,10,4.0,86400\r\n1,20,2.5,172800\r\n2,10,5,259200\r\n",
        TIMED,
    ),
    "without the last newline": (b"userId,movieId,rating\n1,10,4\n1,20,2.5\n2,10,5", PLAIN),
    "other names and order": (
        b"Rating;Film ID;extra;user_id\n4;10;x;1\n2.5;20;y;1\n5;10;z;2\n",
        PLAIN,
    ),
    "without header": (b"1,10,4\n1,20,2.5\n2,10,5\n", PLAIN),
    "without header, with time": (b"1,10,4,86400\n1,20,2.5,172800\n2,10,5,259200\n", TIMED),
    "semicolons": (b"userId;movieId;rating\n1;10;4\n1;20;2.5\n2;10;5\n", PLAIN),
    "tabs (ml-100k)": (b"1\t10\t4\t86400\n1\t20\t2.5\t172800\n2\t10\t5\t259200\n", TIMED),
    "double colons (ml-1m)": (b"1::10::4::86400\n1::20::2.5::172800\n2::10::5::259200\n", TIMED),
    "double colons without time": (b"1::10::4\n1::20::2.5\n2::10::5\n", PLAIN),
    "quoted": (b'"userId","movieId","rating"\n"1","10","4"\n"1","20","2.5"\n"2","10","5"\n', PLAIN),
    "blank lines": (b"\nuserId,movieId,rating\n\n1,10,4\n1,20,2.5\n\n2,10,5\n\n", PLAIN),
    "white space": (b"userId, movieId, rating\n1, 10, 4\n 1,20 ,2.5\n2 , 10, 5 \n", PLAIN),
    "UTF-8 with a mark": (
        "\ufeffuserId,movieId,rating\n1,10,4\n1,20,2.5\n2,10,5\n".encode(),
        PLAIN,
    ),
    "UTF-8 with a mark, no header": ("\ufeff1,10,4\n1,20,2.5\n2,10,5\n".encode(), PLAIN),
    "UTF-16": ("userId,movieId,rating\n1,10,4\n1,20,2.5\n2,10,5\n".encode("utf-16"), PLAIN),
    "UTF-16, big end first": (
        "\ufeffuserId,movieId,rating\n1,10,4\n1,20,2.5\n2,10,5\n".encode("utf-16-be"),
        PLAIN,
    ),
    "text ids": (b"userId,movieId,rating\nann,m1,4\nann,m2,2.5\nbob,m1,5\n", NAMED),
    "text ids without header": (b"ann,m1,4\nann,m2,2.5\nbob,m1,5\n", NAMED),
    "ids as fractions": (b"userId,movieId,rating\n1.0,10.0,4\n1.0,20.0,2.5\n2.0,10.0,5\n", PLAIN),
    "ids with zeros in front": (b"01::0000010::4\n01::0000020::2.5\n02::0000010::5\n", PLAIN),
    "ISO dates": (
        b"userId,movieId,rating,date\n1,10,4,1970-01-02\n1,20,2.5,1970-01-03T05:00:00Z\n"
        b"2,10,5,1970-01-04 23:59:59.5\n",
        TIMED,
    ),
    "ISO dates without header": (
        b"1,10,4,1970-01-02\n1,20,2.5,1970-01-03\n2,10,5,1970-01-04\n",
        TIMED,
    ),
    "a header in another language": (b"utilisateur,oeuvre,note\n1,10,4\n1,20,2.5\n2,10,5\n", PLAIN),
    "milliseconds": (
        b"userId,movieId,rating,ts\n1,10,4,1577836800000\n1,20,2.5,1577923200000\n"
        b"2,10,5,1578009600000\n",
        [(1, 10, 4.0, 18262), (1, 20, 2.5, 18263), (2, 10, 5.0, 18264)],
    ),
    "a column of times that is empty": (
        b"userId,movieId,rating,timestamp\n1,10,4,\n1,20,2.5,\n2,10,5,\n",
        PLAIN,
    ),
    "accents in Latin-1": (
        "userId,movieId,rating\nrené,m1,4\nann,m1,2\n".encode("latin-1"),
        [("ann", "m1", 2.0, None), ("rené", "m1", 4.0, None)],
    ),
    "accents in UTF-8": (
        "userId,movieId,rating\nrené,m1,4\nann,m1,2\n".encode(),
        [("ann", "m1", 2.0, None), ("rené", "m1", 4.0, None)],
    ),
    "MovieTweetings": (
        b"1::0114508::8::1381006850\n2::0499549::9::1376753198\n3::0114508::0::1376753198\n",
        [(1, 114508, 8.0, 15983), (2, 499549, 9.0, 15934), (3, 114508, 0.0, 15934)],
    ),
    "a film called Null, a user called NA": (
        b"user,movie,rating\nNA,Null,4\nnan,None,2\n",
        [("NA", "Null", 4.0, None), ("nan", "None", 2.0, None)],
    ),
}


@pytest.mark.parametrize(("data", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_layout_is_read_into_the_same_columns(
    tmp_path: Path, data: bytes, expected: list[Row]
) -> None:
    """Whatever the file is called; nothing is dropped."""
    path = tmp_path / "anything.txt"
    path.write_bytes(data)
    result = cleaned(path)
    assert rows(result) == expected
    assert result.dropped == {}
    kinds = {type(row[0]) for row in expected}, {type(row[1]) for row in expected}
    assert ({type(u) for u in result.user_ids}, {type(m) for m in result.movie_ids}) == kinds


MOVIELENS: dict[str, bytes] = {
    "README.txt": b"MovieLens data of GroupLens, University of Minnesota",
    "ratings.csv": b"userId,movieId,rating,timestamp\r\n1,1,4.0,86400\r\n2,2,3.5,86400\r\n",
    "movies.csv": (
        "movieId,title,genres\r\n"
        '1,"American President, The (1995)",Comedy|Drama|Romance\r\n'
        '2,"Amélie ""x"" (2001)",(no genres listed)\r\n'
        "3,Unrated One (1970),War\r\n"
    ).encode(),
    "links.csv": b"movieId,imdbId,tmdbId\r\n1,0112346,9087\r\n2,0211915,\r\n3,,\r\n",
    "tags.csv": b"userId,movieId,tag,timestamp\r\n1,1,funny,86400\r\n",
    "genome-scores.csv": b"movieId,tagId,relevance\r\n1,1,0.5\r\n",
    "genome-tags.csv": b"tagId,tag\r\n1,007\r\n",
}


def folder_of(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder."""
    folder = tmp_path / "source"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def zip_of(tmp_path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write files into an archive."""
    path = tmp_path / "source.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def inside(top: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """Put files below a folder."""
    return {f"{top}/{name}": data for name, data in files.items()}


@pytest.mark.parametrize("how", ["folder", "folder in a folder", "zip", "zip with a top folder"])
def test_a_movielens_source_is_read_whole(tmp_path: Path, how: str) -> None:
    """Ratings, titles, genres and links; the genome and the debris of a Mac are ignored."""
    files = dict(MOVIELENS)
    if how.endswith("folder") and how != "folder":
        files = inside("ml-tiny", files)
        files |= inside("__MACOSX/ml-tiny", {"._ratings.csv": b"\0\5\x16\7"})
    if how == "folder in a folder":
        files.pop("__MACOSX/ml-tiny/._ratings.csv", None)
    path = zip_of(tmp_path, files) if how.startswith("zip") else folder_of(tmp_path, files)
    ratings, known, movies = raw(path)
    assert known == [1, 2, 3]
    assert len(ratings.user) == 2
    assert tuple(movies["1"]) == (
        "The American President", 1995, ("Comedy", "Drama", "Romance"), "tt0112346", 9087,
    )  # fmt: skip
    assert tuple(movies["2"]) == ('Amélie "x"', 2001, (), "tt0211915", None)
    assert tuple(movies["3"]) == ("Unrated One", 1970, ("War",), None, None)
    assert rows(cleaned(path)) == [(1, 1, 4.0, 1), (2, 2, 3.5, 1)]
    with open_source_files(str(path)) as found:
        assert found.source.licence is not None
        assert "Harper" in (found.source.citation or "")


def test_ml_1m_with_colons_quotes_and_latin_1_titles(tmp_path: Path) -> None:
    """Commas, quotes and bars in titles stay."""
    folder = folder_of(
        tmp_path,
        {
            "ratings.dat": b"1::10::5::978300760\n2::10::3::978302109\n2::11::1::978302109\n",
            "movies.dat": (
                '10::Léon: "The Professional" (1994)::Crime|Drama\n'
                "11::City of Lost Children, The (1995)::Adventure|Sci-Fi\n"
            ).encode("latin-1"),
            "users.dat": b"1::F::1::10::48067\n2::M::56::16::70072\n",
        },
    )
    _, known, movies = raw(folder)
    assert known == [10, 11]
    assert movies["10"].title == 'Léon: "The Professional"'
    assert movies["11"] == ("The City of Lost Children", 1995, ("Adventure", "Sci-Fi"), None, None)
    assert rows(cleaned(folder)) == [
        (1, 10, 5.0, 11322), (2, 10, 3.0, 11322), (2, 11, 1.0, 11322),
    ]  # fmt: skip


def test_movietweetings_ids_match_though_one_file_pads_them(tmp_path: Path) -> None:
    """0114508 and 114508 are the same integer."""
    folder = folder_of(
        tmp_path,
        {
            "ratings.dat": b"1::0114508::8::1381006850\n2::0499549::10::1376753198\n",
            "movies.dat": b"0114508::Species (1995)::Action|Horror\n499549::Avatar (2009)::\n",
        },
    )
    _, known, movies = raw(folder)
    assert known == [114508, 499549]
    assert (movies["114508"].title, movies["499549"].genres) == ("Species", ())
    assert [row[1] for row in rows(cleaned(folder))] == [114508, 499549]


def test_movies_with_years_and_ids_of_their_own_columns(tmp_path: Path) -> None:
    """A column for the year comes before the one in the title; ids of other sites ride along."""
    folder = folder_of(
        tmp_path,
        {
            "ratings.csv": b"user,movie,rating\na,x1,5\nb,x1,1\n",
            "films.csv": b"movie,title,year,genre,imdb,tmdb\n"
            b'x1,Dune,1984,"Sci-Fi, Drama",tt0087182,841.0\n'
            b"x2,Dune (2021),,,,\n",
        },
    )
    _, known, movies = raw(folder)
    assert known == ["x1", "x2"]
    assert movies["x1"] == ("Dune", 1984, ("Sci-Fi", "Drama"), "tt0087182", 841)
    assert movies["x2"] == ("Dune", 2021, (), None, None)


def test_text_ids_of_movies_are_trimmed_on_both_sides(tmp_path: Path) -> None:
    """A space after the comma is no part of an id, in either file."""
    folder = folder_of(
        tmp_path,
        {
            "ratings.csv": b"user,movie,rating\n1, x1,5\n2,7 ,1\n",
            "movies.csv": b"movie,title\n x1,Dune\n7,Heat\n",
        },
    )
    result = cleaned(folder)
    assert result.dropped == {}
    assert rows(result) == [(1, "x1", 5.0, None), (2, "7", 1.0, None)]


@pytest.mark.parametrize("junk", ["--5", "-", "+", "9" * 5000, "1.5", "٣", ""])
def test_an_odd_id_in_the_catalogue_is_no_crash(tmp_path: Path, junk: str) -> None:
    """The ratings of the others count."""
    movies = f"movieId,title\n1,One\n2,Two\n{junk},Odd\n".encode()
    folder = folder_of(
        tmp_path, {"ratings.csv": b"user,movie,rating\n1,1,5\n2,2,1\n", "movies.csv": movies}
    )
    assert [str(row[1]) for row in rows(cleaned(folder))] == ["1", "2"]


def test_a_link_with_an_endless_number_is_no_link(tmp_path: Path) -> None:
    """Python refuses to read 5,000 digits; we say that there is no link."""
    files = dict(MOVIELENS) | {
        "links.csv": b"movieId,imdbId,tmdbId\n1," + b"9" * 5000 + b"," + b"9" * 5000 + b"\n"
    }
    _, _, movies = raw(folder_of(tmp_path, files))
    assert (movies["1"].imdb_id, movies["1"].tmdb_id) == (None, None)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no ratings found.*nothing"),
        ({"readme.txt": b"hello"}, "no ratings found.*readme.txt"),
        ({"a.csv": b""}, "no ratings found"),
        ({"a.csv": b"\n\n  \n"}, "no ratings found"),
        ({"a.csv": b"title,year\nHeat,1995\n"}, "no ratings found"),
        ({"tags.csv": b"userId,movieId,tag\n1,1,funny\n"}, "no ratings found"),
        ({"movies.csv": MOVIELENS["movies.csv"]}, "no ratings found"),
        ({"users.csv": b"user_id,age,occupation,zip\n1,24,3,85711\n2,53,4,94043\n"}, "no ratings"),
        ({"a.bin": bytes(range(256)) * 10}, "no ratings found"),
        ({"a.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"}, "no ratings found"),
        (
            {"one.csv": b"1,2,3\n", "two.csv": b"user,movie,rating\n1,2,3\n"},
            "several ratings files.*one.csv and two.csv",
        ),
        (
            {"r.csv": b"1,2,3\n", "m.csv": b"movie,title\n1,x\n", "n.csv": b"movie,title\n1,x\n"},
            "several movies files",
        ),
        ({"a.csv": b"userId,movieId,rating\n"}, "no rating can be used|cannot be read"),
        ({"a.csv": b"userId,movieId,rating"}, "no rating can be used|cannot be read"),
    ],
)
def test_a_source_without_just_one_ratings_file_is_refused_in_words(
    tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    """What was found, and what to give."""
    (tmp_path / "source").mkdir()
    with pytest.raises(SourceError, match=words):
        cleaned(folder_of(tmp_path, files) if files else tmp_path / "source")


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    """The path and the alternatives are named."""
    with pytest.raises(SourceError, match=r"source is empty: give .*sample"), open_source_files(""):
        pass  # as an unset variable of a shell gives
    with pytest.raises(SourceError, match=r"no file or folder .*nowhere.*sample"):
        cleaned(tmp_path / "nowhere")
