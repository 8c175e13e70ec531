"""Many questions at once, while versions change under them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ingest import ingest
from recommender import Recommender
from tests.support import THREE_RATERS, Ratings, build_index, likes, write_source


@pytest.mark.slow
def test_threads_get_whole_answers_while_versions_change(tmp_path: Path) -> None:
    """Every answer is that of one version, old or new, and none fails."""
    index = build_index(tmp_path, THREE_RATERS)
    more: Ratings = {**THREE_RATERS, 4: {1: 5.0, 2: 5.0, 3: 5.0, 4: 5.0, 10: 5.0}}
    other = write_source(tmp_path / "other", more)
    answers: set[tuple[tuple[object, float, int], ...]] = set()
    failures: list[BaseException] = []
    done = threading.Event()

    with Recommender.open(index) as rec:

        def answer() -> tuple[tuple[object, float, int], ...]:
            top = rec.recommend(likes(1, 2, 3))
            assert all(abs(sum(why.share for why in row.because) - 1) < 1e-9 for row in top)
            return tuple((row.movie.movie_id, row.score, row.supporters) for row in top)

        def ask() -> None:
            try:
                while not done.is_set():
                    answers.add(answer())
            except BaseException as error:
                failures.append(error)

        expected = {answer()}
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for source in (other, tmp_path / "source", other):
            ingest(str(source), index=index)
            expected.add(answer())
        done.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert answers <= expected
    assert len(expected) == 2
