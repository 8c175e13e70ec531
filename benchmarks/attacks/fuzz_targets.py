"""Everything of Kindred that reads what strangers wrote, one function a target.

Each takes an input of bytes and must end: in an answer that keeps what is promised of it, or in an
error of the KindredError family, of one line. Anything else it raises is a finding.
"""

from __future__ import annotations

import base64
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import httpx
import numpy as np
from pydantic import ValidationError

from benchmarks.attacks import fuzz_seeds
from benchmarks.attacks.fuzz_inputs import unbundled
from benchmarks.attacks.fuzz_seeds import sample_index, scratch
from ingest.pipeline import Loaded, load
from ingest.sources.tags import MOST
from recommender import IndexProblem, KindredError, MovieFilter, Profile
from recommender.archives import open_upload
from recommender.catalogue.listed_films import Mention
from recommender.catalogue.titles import folded, names_of, split_title
from recommender.profile import MOST_FILMS
from recommender.quality import Quality
from recommender.storage.encoding import as_id, read_movie, read_rater, unpack_ratings
from recommender.storage.manifest import read_manifest
from tests.ui.profiles import own_profile
from ui.posters.omdb import Answer, Omdb
from ui.settings import OmdbSettings
from ui.state import link, remembering
from ui.state.tickets import Tickets
from ui.state.visitors import Visitors
from ui.transfer import exports
from ui.transfer.import_draft import Draft
from ui.transfer.imports import ImportedFiles

__all__ = ["TARGETS", "Target"]

_LONGEST_LINE = 2_000


class Target(NamedTuple):
    """What is fuzzed, and what it begins with."""

    run: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]


@contextmanager
def _refusing() -> Iterator[None]:
    """Allow the errors that are documented, each one line that a terminal can show."""
    try:
        yield
    except KindredError as error:
        _line(str(error))


def _line(text: str) -> None:
    assert 0 < len(text) <= _LONGEST_LINE, text
    assert text.isprintable(), text


def _sources(files: dict[str, bytes]) -> None:
    """Ingest files, short of building the index."""
    with tempfile.TemporaryDirectory(dir=scratch()) as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        source = Path(folder) / next(iter(files)) if len(files) == 1 else Path(folder)
        with _refusing():
            _check(load(str(source)))


def _check(loaded: Loaded) -> None:
    found = loaded.ratings
    assert len(found) == len(found.user) == len(found.movie) == len(found.units) > 0
    assert set(found.user.tolist()) == set(range(len(found.user_ids)))
    assert 0 <= found.movie.min() <= found.movie.max() < len(found.movie_ids)
    for ids in (found.user_ids, found.movie_ids):
        assert all(type(one) is type(ids[0]) for one in ids)
        assert ids == sorted(set(ids))
    assert np.isfinite(found.stars).all()
    slack = 1e-6 * (found.scale.high - found.scale.base)
    assert found.scale.low - slack <= found.stars.min()
    assert found.stars.max() <= found.scale.high + slack
    assert all(count > 0 for count in found.dropped.values())
    for facts in loaded.metadata.movies.values():
        assert facts.title
        assert facts.year is None or 0 < facts.year < 10**10
        assert all(genre.strip() for genre in facts.genres)
    for tags in loaded.metadata.tags.values():
        assert 0 < len(tags) <= MOST
    for about in loaded.metadata.attributes.values():
        assert about.keys() <= {"age", "gender", "sex", "occupation"}
    _line(loaded.source.title)


def _one_file(data: bytes) -> None:
    _sources({"ratings.csv": data})


def _several_files(data: bytes) -> None:
    _sources(unbundled(data))


def _archives(data: bytes) -> None:
    _sources({"ratings.zip": data})
    with _refusing(), open_upload("mine.zip", data) as members:
        for member in members:
            _line(member.name or "x")
            with _refusing():
                assert len(member.read(1 << 20)) <= 1 << 20


def _imports(data: bytes) -> None:
    pile = ImportedFiles()
    for name, part in unbundled(data).items():
        pile.add(name, part)
    for line in (*pile.summaries, *pile.problems):
        _line(line)
    assert len(pile.films) <= MOST_FILMS
    for film in pile.films:
        assert film.named
        assert film.opinion in (None, 1, 0, -1)
        assert film.stars is None or film.stars * 2 in range(1, 11)
        assert film.when.isprintable()
    draft = Draft.of(pile.films, sample_index())
    profile = draft.change(own_profile()).profile
    again = ImportedFiles()
    again.add("kindred-taste.json", exports.kindred(profile, sample_index()))
    back = Draft.of(again.films, sample_index()).change(own_profile()).profile
    assert (again.problems, back) == ([], profile)


def _link(data: bytes) -> None:
    """Any text; or any bytes under the right checksum, of this collection."""
    text = data.decode("utf-8", "replace")
    codes = [text]
    for kind in "mit":
        body = link._tag(kind, sample_index()) + data
        word = base64.urlsafe_b64encode(link._checksum(body) + body).rstrip(b"=").decode()
        codes.append(f"1{kind}{word}")
    for code in codes:
        opened = link.decode(code, sample_index())
        assert opened.notice is None or 0 < len(opened.notice) < 300
        _check_profile(opened.profile)
        again = link.encode(opened.profile, sample_index())
        if again is not None:
            back = link.decode(again, sample_index())
            assert _sorted(back.profile) == _sorted(opened.profile)
    assert Tickets().take(text) is None


def _sorted(profile: Profile) -> Profile:
    """Leave out the order, which an address does not keep."""
    saved, hidden = sorted(profile.watchlist, key=str), sorted(profile.hidden, key=str)
    return own_profile(profile.opinions, profile.stars, tuple(saved), tuple(hidden))


def _check_profile(profile: Profile) -> None:
    assert set(profile.opinions.values()) <= {1, 0, -1}
    assert all(stars * 2 in range(1, 11) for stars in profile.stars.values())
    assert profile.stars.keys() <= profile.opinions.keys()
    assert len({*profile.films}) == len(profile.films)


def _titles(data: bytes) -> None:
    asked = sample_index()
    lines = data.decode("utf-8", "surrogateescape").split("\n")[:6]
    for text in lines:
        split_title(text)
        names_of(text)
        assert folded(folded(text)) == folded(text)
        assert len(asked.search(text, limit=5)) <= 5
        with _refusing():
            asked.movie(text)
        with _refusing():
            asked.recommend({2: 1}, movies=MovieFilter(title=text), limit=3)
    mentions = [Mention(text, year) for text in lines for year in (None, 1999)]
    matches = asked.match([*mentions, *(Mention("Heat", imdb_id=text) for text in lines)])
    assert all(len(match.movies) <= 5 for match in matches)
    assert all(match.movie is None or match.sure for match in matches)


def _profiles(data: bytes) -> None:
    """Opinions and stars as JSON has them: a list of pairs, and what is to be done with them."""
    try:
        pairs = json.loads(data)["profile"]
        given = {movie: value for movie, value in pairs}  # noqa: C416 - they may be no pairs
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    asked = sample_index()
    for make in (Profile, Profile.from_stars, lambda opinions: Profile(opinions, stars=opinions)):
        with _refusing():
            profile: Profile = make(given)
            found = asked.recommend(profile, limit=5)
            scores = [row.score for row in found]
            assert scores == sorted(scores, reverse=True)
            assert all(map(math.isfinite, scores))
            for told in asked.predict_many(profile, [2, 3]):
                assert math.isfinite(told.stars or 0)
    for movie, value in given.items():
        as_id(movie, "int"), as_id(movie, "str")
        with _refusing():
            asked.find([movie, value])
        for question in (asked.movie, asked.similar, asked.profile_of):
            with _refusing():
                question(movie)
        with _refusing():
            asked.recommend({2: 1}, movies=MovieFilter(exclude=[movie]), limit=2)


def _stored(data: bytes) -> None:
    """Records, manifests and results of evaluations."""
    for timed in (True, False):
        parts = data.split(b"\n")
        with suppress(IndexProblem):
            found = unpack_ratings(parts, timed=timed, movies=1000)
            assert len(found.owner) == len(found.movie) == len(found.units)
            assert all((found.movie >= 0) & (found.movie < 1000) & (found.units != 255))
    text = data.decode("utf-8", "replace")
    with _refusing():
        manifest = read_manifest(text, "there")
        assert math.isfinite(manifest.mean)
        assert all(map(math.isfinite, manifest.opinion_means))
        assert min(manifest.counts.users, manifest.counts.movies, manifest.counts.ratings) >= 0
    with suppress(ValidationError):
        quality = Quality.model_validate_json(data)
        for score in quality.ranking:
            assert math.isfinite(score.ndcg_10.value)
    with suppress(ValueError, RecursionError):
        payload = json.loads(data)
        for read in (read_rater, read_movie):
            with _refusing():
                read(1, payload)


@cache
def _omdb() -> tuple[Omdb, list[bytes]]:
    body = [b""]
    omdb = Omdb(OmdbSettings.model_validate({"api_key": "secret-key", "url": "https://omdb.test"}))
    answer = httpx.MockTransport(lambda _: httpx.Response(200, content=body[0]))
    omdb._client = httpx.Client(transport=answer)
    return omdb, body


@cache
def _visitors() -> Visitors:
    return Visitors(scratch() / "visitors")


def _answers(data: bytes) -> None:
    """What OMDb answers, and what a server remembers of its visitors."""
    omdb, body = _omdb()
    body[0] = data
    assert isinstance(omdb.film("tt0133093"), Answer)
    text = data.decode("utf-8", "replace")
    of_the_page = patch.object(remembering, "recommender", sample_index)
    with of_the_page, suppress(*remembering._UNREAD):
        profile = remembering._read(text, "sample")
        _check_profile(profile)
        again = remembering._write(profile, "sample")
        assert again is None or remembering._read(again, "sample") == profile
    token = text[:100]
    _visitors().welcome(token, "sample", text)
    assert _visitors().find(token, "sample") == ("sample", text)
    _visitors().forget(token)
    assert _visitors().find(token, "sample") is None


TARGETS = {
    "ratings": Target(_one_file, fuzz_seeds.ratings),
    "folders": Target(_several_files, fuzz_seeds.folders),
    "archives": Target(_archives, fuzz_seeds.zips),
    "imports": Target(_imports, fuzz_seeds.imports),
    "links": Target(_link, fuzz_seeds.links),
    "titles": Target(_titles, fuzz_seeds.titles),
    "profiles": Target(_profiles, fuzz_seeds.profiles),
    "stored": Target(_stored, fuzz_seeds.stored),
    "answers": Target(_answers, fuzz_seeds.answers),
}
"""By name."""
