"""How a file separates its cells, told from its first lines."""

from __future__ import annotations

import pytest

from recommender.files.dialect import Dialect, detect_dialect


@pytest.mark.parametrize(
    ("text", "delimiter", "quoted", "skip"),
    [
        ("user,film,stars\n1,7,4\n", ",", True, 0),
        ("user;film;stars\n1;7;4,5\n2;8;3,5\n", ";", True, 0),
        ("1;7;4,5\n2;8;3,5\n", ";", True, 0),
        ("1::7::4\n", "::", False, 0),
        ("1|7|4\n2|8|3\n", "|", False, 0),
        ("1 7 4\n2 8 3\n", " ", False, 0),
        ('"user" "film"\n"1" 7\n', " ", True, 0),
        ("sep=;\nuser;film\n1;7\n", ";", True, 1),
        ('"sep=,"\nuser,film\n1,7\n', ",", True, 1),
        ("\ufeffsep=;\nuser;film\n", ";", True, 1),
        ("# by hand\n\nuser,film\n1,7\n", ",", True, 2),
        ("1,7,4,2004-11-09 13:44:07\n2,8,3,2004-11-09 13:44:08\n", ",", True, 0),
        ('id,title\n1,"Comedy|Drama"\n2,"War|Crime"\n', ",", True, 0),
        ('id\ttitle\n1\t"Crocodile" Dundee\n2\tHeat\n', "\t", False, 0),
        ('id\ttitle\n1\t"Weird Al\n2\tHeat\n', "\t", False, 0),
        ('"id"\t"title"\n"1"\t"Heat"\n', "\t", True, 0),
        ("a\n", ",", True, 0),
        ("", ",", True, 0),
    ],
)
def test_the_delimiter_is_the_one_that_fits_most_rows(
    text: str, delimiter: str, quoted: bool, skip: int
) -> None:
    """And quotation marks are letters where tables of this kind do not quote."""
    assert detect_dialect(text.splitlines(keepends=True)) == Dialect(
        delimiter, quoted=quoted, skip=skip
    )


def test_a_mark_escaped_by_a_backslash_does_not_end_its_cell() -> None:
    """As databases write them."""
    lines = ["id;title\n", '1;"The \\"Real\\" One; or not"\n']
    assert list(detect_dialect(lines).split(lines))[1] == ["1", 'The "Real" One; or not']
