"""The chart of an evaluation, and the way to it."""

from __future__ import annotations

import json

import pytest

from recommender import Recommender
from recommender.quality import Interval, RankingScore
from recommender.storage.manifest import Source
from tests.ui.driving import page, visit
from tests.ui.pages.evaluated import METHODS, quality, quality_of
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile
from ui.pages.quality import chart, explained, verdict


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["ranking", "stars"])
def test_every_method_is_in_the_chart(kind: str, dark: bool) -> None:
    """With Kindred in its colour, and a band or bars for what is not sure."""
    drawn = json.dumps(chart(quality(Source(name="x", title="x"), kind), dark=dark).to_dict())
    for method in METHODS:
        assert f'"{method}"' in drawn
    assert ("#5fcbb5" if dark else "#0b6b5d") in drawn
    assert '"low"' in drawn
    assert '"high"' in drawn


def test_names_at_the_ends_of_lines_do_not_overlap() -> None:
    """They are sixteen pixels apart at least, in the order of the lines, and inside the chart."""
    drawn = chart(quality(Source(name="x", title="x"))).to_dict()
    values = [row for data in drawn["datasets"].values() for row in data if "place" in row]
    places = {row["method"]: row["place"] for row in values}
    assert list(places) == ["kindred", "ease", "als", "popular", "svd"]
    step = 16 / 380 * 1.05 * 0.55
    gaps = [a - b for a, b in zip(list(places.values()), list(places.values())[1:], strict=False)]
    assert min(gaps) > 0.999 * step
    assert min(places.values()) > 0
    assert places["popular"] == pytest.approx(0.3)


def test_the_words_say_what_was_done_and_in_whose_favour() -> None:
    """How many people, and that the others were tuned on them."""
    words = explained(quality(Source(name="x", title="x")))
    assert "up to 90 who are not in the index were asked" in words
    assert "in its favour" in words
    assert "less is better" in explained(quality(Source(name="x", title="x"), "stars"))


def test_the_verdict_names_where_kindred_is_behind() -> None:
    """As plainly as where it is ahead; only what is sure counts, and alone there is none."""
    base = quality(Source(name="x", title="x"))
    assert "level with the best other at 5 and 10. Level is" in verdict(base)
    sure, lost = Interval(value=0.1, low=0.01, high=0.2), Interval(value=-0.1, low=-0.2, high=-0.01)

    def beside(score: RankingScore, lead: Interval) -> RankingScore:
        figure = score.ndcg_10.model_copy(update={"lead": lead})
        return score.model_copy(update={"ndcg_10": figure})

    others = [score for score in base.ranking if score.method != "kindred"]
    scores = [
        beside(score, lost if (score.length, score.method) == ("10", "ease") else sure)
        for score in others
    ]
    # A place on the dial is no other method.
    scores.append(beside(others[0].model_copy(update={"method": "kindred@0.75"}), lost))
    told = verdict(base.model_copy(update={"ranking": tuple(scores)}))
    assert "ahead of every other method at 5; behind another at 10." in told
    alone = tuple(score for score in base.ranking if score.method == "kindred")
    assert "No other method" in verdict(base.model_copy(update={"ranking": alone}))


@pytest.mark.usefixtures("served")
def test_without_a_result_for_this_source_the_page_says_so(recommender: Recommender) -> None:
    """A result for another source is none for this; and there is a command that makes one."""
    quality(Source(name="another", title="another")).save()
    quality(Source(name="sample", title="another file of that name")).save()
    app = one_page("quality").run()
    assert not app.exception
    assert "Nothing was measured for these ratings" in page(app)
    assert "kindred evaluate SOURCE" in app.code[0].value
    assert not app.table


@pytest.mark.usefixtures("served")
def test_a_result_is_shown_in_words_and_figures(recommender: Recommender) -> None:
    """With Kindred beside the best other method for each length, and what that means."""
    stats = recommender.stats()
    quality_of(stats).save()
    quality_of(stats, "stars").save()
    app = one_page("quality", own_profile({8: 1})).run()
    assert not app.exception
    told = " ".join(str(text.value) for text in app.markdown)
    assert "who are not in the index were asked" in told
    assert "RMSE minds large errors" in told
    assert "level with the best other at 5 and 10" in page(app)
    figures = app.table[0].value
    assert figures["ratings given"].tolist() == ["5", "10"]
    assert figures["best other"].tolist() == ["0.490 (ease)"] * 2
    assert figures["Kindred's lead (95 % sure)"].tolist() == ["-2% to +20%"] * 2
    assert visit(app).taste.profile.opinions == {8: 1}  # looking changes no rating
