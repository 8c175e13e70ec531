"""The page with what an evaluation found out, and the way to it."""

from __future__ import annotations

import pytest

from recommender import Recommender
from recommender.quality.result import Figure, Interval
from recommender.storage.manifest import Source
from tests.ui.driving import page, visit
from tests.ui.pages.evaluated import quality, quality_of
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile
from ui.pages.quality import verdict


def test_the_verdict_names_where_kindred_is_behind() -> None:
    """As plainly as where it is ahead; only what is sure counts, and alone there is none."""
    base = quality(Source(name="x", title="x"))
    assert "level with the best other at 5 and 10. Level means" in verdict(base)
    sure, lost = Interval(value=0.1, low=0.01, high=0.2), Interval(value=-0.1, low=-0.2, high=-0.01)

    def beside(figure: Figure, lead: Interval) -> Figure:
        return figure.model_copy(update={"lead": lead})

    others = [one for one in base.of("ndcg_10") if one.method != "kindred"]
    figures = [
        beside(one, lost if (one.asked, one.method) == ("10", "ease") else sure) for one in others
    ]
    # A place on the dial is no other method.
    figures.append(beside(others[0].model_copy(update={"method": "kindred@0.75"}), lost))
    told = verdict(base.model_copy(update={"figures": tuple(figures)}))
    assert "ahead of every other method at 5; behind another at 10." in told
    alone = tuple(one for one in base.figures if one.method == "kindred")
    assert "No other method" in verdict(base.model_copy(update={"figures": alone}))
    stars = quality(Source(name="x", title="x"), "stars")
    assert "are level with popular, ease, als and svd. Level means" in verdict(stars)


@pytest.mark.usefixtures("served")
def test_without_a_result_for_this_source_the_page_says_so(recommender: Recommender) -> None:
    """A result for another source is none for this; and there is a command that makes one."""
    quality(Source(name="another", title="another")).keep()
    quality(Source(name="sample", title="another file of that name")).keep()
    app = one_page("quality").run()
    assert not app.exception
    assert "Nothing has been measured for these ratings" in page(app)
    assert "kindred evaluate SOURCE" in app.code[0].value
    assert not app.table


@pytest.mark.usefixtures("served")
def test_a_result_is_shown_in_words_and_figures(recommender: Recommender) -> None:
    """With Kindred beside the best other method for each length, and what that means."""
    stats = recommender.stats()
    quality_of(stats).keep()
    quality_of(stats, "stars").keep()
    app = one_page("quality", own_profile({8: 1})).run()
    assert not app.exception
    told = " ".join(str(text.value) for text in app.markdown)
    assert "who are not in the index were asked" in told
    assert "RMSE minds large errors" in told
    assert "level with the best other at 5 and 10" in page(app)
    figures = app.table[0].value
    assert figures["ratings given"].tolist() == ["5", "10"]
    assert figures["Kindred"].tolist() == ["0.500 ± 0.050"] * 2
    assert figures["best other"].tolist() == ["0.490 ± 0.050 (ease)"] * 2
    assert figures["Kindred's lead (95 % sure)"].tolist() == ["-2% to +20%"] * 2
    assert visit(app).taste.profile.opinions == {8: 1}  # looking changes no rating
    errors = app.table[1].value
    assert errors["method"].tolist() == ["kindred", "popular", "ease", "als", "svd"]
    assert errors["RMSE"].tolist()[0] == "0.800 ± 0.050"
    assert errors["RMSE by fold"].tolist()[0] == "0.820 to 0.840"
    rows = app.table[2].value.values.tolist()
    assert rows == [["1-2 of the rated films", "90", "79.0% ± 5.0%"]]


@pytest.mark.usefixtures("served")
def test_any_figure_can_be_looked_at(recommender: Recommender) -> None:
    """Where less is better the best other is the one with the least; parts are in percent."""
    quality_of(recommender.stats()).keep()
    app = one_page("quality").run()
    assert app.selectbox[0].options == [
        "NDCG@10",
        "Catalogue covered",
        "Calibration of genres, KL divergence",
    ]
    app.selectbox[0].set_value("calibration_10").run()
    assert not app.exception
    assert app.table[0].value["best other"].tolist() == ["0.000 ± 0.050 (svd)"] * 2
    app.selectbox[0].set_value("coverage_10").run()
    assert app.table[0].value["Kindred"].tolist() == ["50.0% ± 5.0%"] * 2
