"""A person's taste in an address."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import ingest
from recommender import InvalidInputError, Profile, Recommender
from tests.ui import films
from tests.ui.profiles import own_profile
from ui.state import link
from ui.state.taste import SCALE, MovieId

STARS = [half / 2 for half in range(1, 11)]


@st.composite
def tastes(draw: st.DrawFn) -> Profile:
    """Anything a person may have said of thirty films."""
    ids = draw(st.permutations(range(1, 31)))
    cut = sorted(draw(st.lists(st.integers(0, 30), min_size=3, max_size=3)))
    rated, saved, hidden = ids[: cut[0]], ids[cut[0] : cut[1]], ids[cut[1] : cut[2]]
    ratings: dict[MovieId, int] = {
        movie_id: draw(st.sampled_from([1, 0, -1])) for movie_id in rated
    }
    starred = draw(st.sets(st.sampled_from(rated))) if rated else set()
    stars: dict[MovieId, float] = {movie_id: draw(st.sampled_from(STARS)) for movie_id in starred}
    ratings |= {movie_id: SCALE.opinion(value) for movie_id, value in stars.items()}
    return own_profile(ratings, stars, tuple(saved), tuple(hidden))


def same(one: Profile, other: Profile) -> bool:
    """Compare all but the order, which an address does not keep."""
    lists = zip((one.watchlist, one.hidden), (other.watchlist, other.hidden), strict=True)
    return (
        one.opinions == other.opinions
        and one.stars == other.stars
        and all(sorted(a, key=str) == sorted(b, key=str) for a, b in lists)
    )


@given(tastes())
def test_what_is_written_is_read_back(recommender: Recommender, profile: Profile) -> None:
    """Every taste survives the address bar, in characters an address may hold as they are."""
    code = link.encode(profile, recommender)
    assert code is not None
    assert code.replace("-", "").replace("_", "").isalnum() or not profile
    opened = link.decode(code, recommender)
    assert same(opened.profile, profile)
    assert opened.notice is None


@given(st.text(max_size=60) | st.text(alphabet="1imt-_AZaz09", max_size=60))
def test_whatever_stands_there_opens_as_nothing(recommender: Recommender, text: str) -> None:
    """An address is written by anybody: nothing in it is an error."""
    assert not link.decode(text, recommender).profile.stars


@pytest.mark.parametrize(
    ("changed", "notice"),
    [
        (lambda code: code[:-2], "damaged"),
        (lambda code: code[:8] + ("A" if code[8] != "A" else "B") + code[9:], "damaged"),
        (lambda code: "2" + code[1:], "newer Kindred"),
        (lambda code: code + "A" * link.LONGEST, "damaged"),
        (lambda code: "1i", "damaged"),
    ],
)
def test_a_code_that_was_changed_is_said_to_be(
    recommender: Recommender, changed: object, notice: str
) -> None:
    """Cut, changed, or of a later version: one sentence, and nothing half understood."""
    code = link.encode(own_profile({8: 1, 9: -1, 10: 0}), recommender)
    assert callable(changed)
    opened = link.decode(changed(code), recommender)
    assert notice in str(opened.notice)
    assert not opened.profile.films


def test_a_link_of_another_collection_is_recognised(
    recommender: Recommender, tmp_path: Path
) -> None:
    """The same numbers are other films there; IMDb's are the same everywhere."""
    source = films.write(tmp_path / "other")
    (source / "links.csv").write_text("movieId,imdbId,tmdbId\n8,111,\n9,222,\n")
    ingest(str(source), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as other:
        code = link.encode(own_profile({8: 1, 12: 1}), recommender)
        assert "another collection" in str(link.decode(str(code), other).notice)
        everywhere = link.encode(own_profile({8: 1, 9: -1}), other)
        assert str(everywhere).startswith("1m")
        assert link.decode(str(everywhere), other).profile.opinions == {8: 1, 9: -1}
        unknown = link.decode(str(everywhere), recommender)
        assert unknown.notice == ("This link was opened, but 2 films are not in this collection.")


def test_ids_that_are_texts_are_written_too(tmp_path: Path) -> None:
    """Of any letters."""
    ingest(str(films.write_bare(tmp_path / "ratings.csv")), index=tmp_path / "index")
    with Recommender.open(tmp_path / "index") as opened:
        profile = own_profile({"film/3 &": 1, "film/5 &": -1}, watchlist=("film/7 &",))
        code = link.encode(profile, opened)
        assert str(code).startswith("1t")
        assert link.decode(str(code), opened).profile == profile


def test_a_link_of_before_that_had_no_room_for_all_says_so(recommender: Recommender) -> None:
    """It holds how many there were: thirty, of which two are in it."""
    two = b"\x1e" + (1).to_bytes(2) + b"\x02" + bytes([16, 2])
    opened = link.decode(forged(two, "i", recommender), recommender)
    assert opened.profile == own_profile({8: 1, 9: 1})
    assert "room for 2 of 30 films" in str(opened.notice)


def test_a_film_named_twice_is_said_once(recommender: Recommender) -> None:
    """A rating counts more than saving, and saving more than hiding."""
    forged = own_profile({8: 1}, {}, (8, 9, 9), (8, 9, 10, 10))
    opened = link.decode(str(link.encode(forged, recommender)), recommender)
    assert opened.profile == own_profile({8: 1}, {}, (9,), (10,))


def test_a_code_cannot_claim_more_than_it_holds(recommender: Recommender) -> None:
    """A count of millions in a few bytes ends where the bytes do."""
    code = link.encode(own_profile({8: 1}), recommender)
    assert code is not None
    data = bytearray(base64.urlsafe_b64decode(code[2:] + "=="))
    body = bytes(data[2:7]) + b"\xff\xff\xff\xff\x7f\x01"
    forged = (zlib.crc32(body) & 0xFFFF).to_bytes(2) + body
    text = code[:2] + base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
    assert "damaged" in str(link.decode(text, recommender).notice)


def forged(body: bytes, kind: str, recommender: Recommender) -> str:
    """Write a code of this collection that holds anything, under the right checksum."""
    data = link._tag(kind, recommender.stats().source.label) + body
    data = link._checksum(data) + data
    return f"1{kind}{base64.urlsafe_b64encode(data).rstrip(b'=').decode()}"


@given(st.sampled_from("mit"), st.binary(min_size=4, max_size=300))
def test_whatever_a_code_holds_is_opened_or_damaged(
    recommender: Recommender, kind: str, body: bytes
) -> None:
    """By who knows how to make it: a short notice comes of it, and what a person can say."""
    opened = link.decode(forged(body, kind, recommender), recommender)
    assert opened.notice is None or len(opened.notice) < 200
    assert set(opened.profile.opinions.values()) <= {1, 0, -1}
    assert set(opened.profile.stars.values()) <= set(STARS)
    assert opened.profile.stars.keys() <= opened.profile.opinions.keys()
    assert len({*opened.profile.films}) == len(opened.profile.films)


def test_a_number_of_films_of_a_thousand_digits_is_damage(recommender: Recommender) -> None:
    """It would fill the page."""
    code = forged(b"\xff" * 700 + b"\x01\x00\x00", "i", recommender)
    assert "damaged" in str(link.decode(code, recommender).notice)


class Many:
    """An index of nothing but ids."""

    def __init__(self, source: str = "ml-32m") -> None:
        self._source = SimpleNamespace(name=source, label=source)

    def stats(self) -> SimpleNamespace:
        """Say what the ids are."""
        return SimpleNamespace(movie_ids="int", source=self._source)

    def find(self, keys: Iterable[str]) -> list[SimpleNamespace]:
        """Find them all, none with an IMDb id."""
        return [SimpleNamespace(imdb_id=None, movie_id=key.partition(":")[2]) for key in keys]


def test_six_hundred_films_fit() -> None:
    """Spread over ids as large as MovieLens has them."""
    profile = own_profile({number * 397: (1, 0, -1)[number % 3] for number in range(600)})
    assert link.encode(profile, cast(Recommender, Many())) is not None


def test_a_link_of_films_that_are_not_there_is_no_work(recommender: Recommender) -> None:
    """Each is looked up by its id; none is looked for among the titles."""
    profile = own_profile(dict.fromkeys(range(10_000, 11_000), 1))
    code = link.encode(profile, cast(Recommender, Many(recommender.stats().source.label)))
    assert code is not None

    def search(*_: object) -> None:
        raise AssertionError("titles were searched")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.catalogue.title_search.TitleSearch.search", search)
        opened = link.decode(code, recommender)
    assert opened.profile == own_profile()
    assert "1,000 films are not in this collection" in str(opened.notice)


LETTERS = st.characters(exclude_categories=["C", "Z"])
NAMES = st.text(LETTERS, min_size=1, max_size=20).map(link.plain_name)


@given(st.dictionaries(NAMES, tastes().filter(len), max_size=8))
def test_a_group_is_read_back_by_name(recommender: Recommender, people: dict[str, Profile]) -> None:
    """In any script, with the characters that part names, codes and addresses."""
    codes = {name: str(link.encode(taste, recommender)) for name, taste in people.items()}
    code = link.encode_group(codes)
    assert code.isascii()
    assert not {*"#&? "} & {*code}
    assert link.code_in(f"see http://here/app/#together={code} today") == code
    if people:
        read = link.decode_group(code, recommender)
        assert [entry.name for entry in read] == [*people]
        assert all(
            same(entry.opened.profile, taste)
            for entry, taste in zip(read, people.values(), strict=True)
        )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "Guest"),
        ("%20%0A", "Guest"),
        ("A" * 50, "A" * 40),
        ("O%27Hara~2%2C%20J%C3%B6rg", "O'Hara~2, Jörg"),
        ("Jo%CC%88rg", "Jörg"),
        ("%FF", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_names_of_a_link_are_made_usable(recommender: Recommender, text: str, name: str) -> None:
    """Anybody can write one: an empty one is a guest's, a long one is cut."""
    code = link.encode(own_profile({8: 1}), recommender)
    (read,) = link.decode_group(f"{text}~{code}", recommender)
    assert read == (name, link.OpenedLink(own_profile({8: 1})))


def test_a_group_link_that_was_cut_says_whose_end_is_missing(recommender: Recommender) -> None:
    """Those before it are read; more than eight are refused."""
    code = str(link.encode(own_profile({8: 1}), recommender))
    for end in ("", code[:-3]):
        ana, ben = link.decode_group(f"Ana~{code},Ben~{end}", recommender)
        assert (ana.opened.notice, len(ana.opened.profile)) == (None, 1)
        assert "damaged" in str(ben.opened.notice)
    with pytest.raises(InvalidInputError, match="more than 8 people"):
        link.decode_group(",".join([f"Ana~{code}"] * 9), recommender)
