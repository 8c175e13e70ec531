"""Movies found and filtered by what people tagged them with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest import ingest
from recommender import InvalidInputError, MovieFilter, Recommender
from tests.support import FILMS, THREE_RATERS, likes, write_source

TAGS = """userId,movieId,tag,timestamp
1,1,Cyberpunk,9
2,4,cops & robbers,9
1,4,neo-noir,9
2,4,Neo noir,9
3,4,Neo-Noir,9
1,6,Heat,9
2,8,Café,9
3,8,Noir,9
3,9,noir,9
"""


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    """Open the hand-worked world with tags; to someone who likes 1, 2 and 3 comes 5,4,6,7,8,9."""
    folder = write_source(tmp_path_factory.mktemp("tags"), THREE_RATERS, FILMS)
    (folder / "tags.csv").write_text(TAGS, encoding="utf-8")
    ingest(str(folder), index=folder / "index")
    with Recommender.open(folder / "index") as opened:
        yield opened


def test_a_movie_shows_its_tags_commonest_first(rec: Recommender) -> None:
    """As most often written, ties by text; none where nobody wrote any."""
    assert rec.movie("Heat").tags == ("Neo noir", "cops & robbers")
    assert rec.movie(2).tags == ()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"neo-noir"}, [4]),
        ({"NEO NOIR "}, [4]),
        (["cafe", "noir"], [8, 9]),
        ({"cyberpunk"}, []),
        (set(), [5, 4, 6, 7, 8, 9]),
    ],
)
def test_any_of_the_tags_is_enough(rec: Recommender, tags: set[str], expected: list[int]) -> None:
    """Case, accents and signs aside; a movie the person rated stays out."""
    top = rec.recommend(likes(1, 2, 3), movies=MovieFilter(tags=tags))
    assert [row.movie.movie_id for row in top] == expected


def test_stats_name_the_tags_of_several_movies(rec: Recommender) -> None:
    """Those of one movie alone choose nothing."""
    assert rec.stats().tags == ("noir",)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("neo noire", "no tag 'neo noire': did you mean 'neo noir'"),
        ("zzz", "no tag 'zzz': there are noir, cafe, cops robbers, cyberpunk"),
    ],
)
def test_an_unknown_tag_is_refused_with_those_that_are_close(
    rec: Recommender, tag: str, words: str
) -> None:
    """Or else the commonest ones."""
    with pytest.raises(InvalidInputError, match=words):
        rec.recommend({}, movies=MovieFilter(tags={tag}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cyberpunk", [1]),
        ("NEO-noir", [4]),
        # A film of that title comes before one tagged with it, and that before any other.
        ("heat", [4, 6]),
        ("CAFE!", [8]),
    ],
)
def test_search_finds_tagged_movies_after_titles_that_hold_the_text(
    rec: Recommender, text: str, expected: list[int]
) -> None:
    """Titles that are a little like it come last."""
    assert [movie.movie_id for movie in rec.search(text)][: len(expected)] == expected
