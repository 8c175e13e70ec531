"""Results of an evaluation: as tables and pictures, in files, and kept for the app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recommender import InvalidInputError
from recommender.quality.result import Figure, Quality
from recommender.settings import CacheSettings
from recommender.storage.manifest import Source
from tests.ui.pages.evaluated import METHODS
from tests.ui.pages.evaluated import quality as made_up

SOURCE = Source(name="x", title="x")


def quality(name: str, seed: int = 0) -> Quality:
    """A result with one figure."""
    one = Figure(
        method="kindred",
        metric="ndcg_10",
        asked="5",
        count=2,
        value=0.5,
        low=0.4,
        high=0.6,
        each=(0.4, None, 0.6),
    )
    return Quality(
        kind="ranking",
        source=Source(name=name, title="ratings"),
        digest="of the ratings",
        ratings=100,
        users=10,
        movies=20,
        created="2026-01-01T00:00:00+00:00",
        seed=seed,
        splits=1,
        people=1000,
        versions={},
        seconds={},
        figures=(one,),
    )


def values(chart: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Rows that a chart draws, those that have a field."""
    return [row for rows in chart["datasets"].values() for row in rows if field in row]


@pytest.mark.parametrize(
    "name", ["sample", "/some/where/ratings.csv", "../..", "a\x00b", "ä" * 300]
)
def test_the_latest_result_is_found_by_the_source(name: str) -> None:
    """Whatever characters are in its name; other sources and kinds have none."""
    quality(name, 1).keep()
    path = quality(name, 2).keep()
    assert path.parent == CacheSettings.read().cache / "quality"
    assert Quality.latest(name) == quality(name, 2).without_people()
    assert Quality.latest(name, kind="stars") is None
    assert Quality.latest(name, kind="together") is None
    assert Quality.latest("another") is None
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "text", ["", "{}", '{"kind": "ranking"}', "\x00", '{"kind": "ranking", "ranking": []}']
)
def test_what_cannot_be_read_is_no_result(text: str) -> None:
    """A result of another version, or half a file, is as none."""
    path = quality("sample").keep()
    Path(path).write_text(text, encoding="utf-8")
    assert Quality.latest("sample") is None


def test_a_saved_result_comes_back_whole(tmp_path: Path) -> None:
    """With what each person got; what is no result is refused by its name."""
    path = tmp_path / "before.json"
    quality("sample").save(path)
    assert Quality.load(path) == quality("sample")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"before\.json' holds no result"):
        Quality.load(path)
    with pytest.raises(InvalidInputError, match="cannot read"):
        Quality.load(tmp_path / "none.json")


def test_a_frame_has_a_row_for_every_figure() -> None:
    """With its interval and lead; and a table has one metric, methods by what was asked."""
    found = made_up(SOURCE).to_frame()
    assert len(found) == 3 * 2 * 5
    row = found[(found.method == "ease") & (found.metric == "ndcg_10") & (found.asked == "10")]
    assert row[["value", "low", "high", "lead_low"]].to_numpy().tolist() == [
        pytest.approx([0.49, 0.44, 0.54, -0.021])
    ]
    assert row["setting"].tolist() == ["values likes"]
    ours = found[found.method == "kindred"]
    assert ours["lead"].isna().all()
    table = made_up(SOURCE).table()
    assert (table.columns.tolist(), table.index.tolist()) == (["5", "10"], [*METHODS])
    assert table.loc["ease", "10"] == 0.49
    for kind in ("ranking", "stars", "together"):
        assert made_up(SOURCE, kind)._repr_html_().count("<table") == (
            1 if kind == "ranking" else 2
        )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["ranking", "stars"])
def test_every_method_is_in_the_chart(kind: str, dark: bool) -> None:
    """With Kindred in its colour, and a band or bars for what is not sure."""
    drawn = json.dumps(made_up(SOURCE, kind).plot(dark=dark).to_dict())
    for method in METHODS:
        assert f'"{method}"' in drawn
    assert ("#5fcbb5" if dark else "#0b6b5d") in drawn
    assert '"low"' in drawn
    assert '"high"' in drawn


def test_a_chart_of_stars_has_a_dot_for_each_fold() -> None:
    """And a bar for each method, the best first."""
    drawn = made_up(SOURCE, "stars").plot("mae").to_dict()
    rows = {(row["method"], row["asked"]) for row in values(drawn, "asked")}
    assert rows == {(m, fold) for m in METHODS for fold in ("all folds", "fold 1", "fold 2")}
    assert [layer["mark"]["type"] for layer in drawn["layer"]] == ["bar", "tick", "point"]
    assert drawn["layer"][0]["encoding"]["y"]["sort"] == [*METHODS]


@pytest.mark.parametrize("dark", [False, True])
def test_leads_over_each_way_to_join_are_drawn_by_group(dark: bool) -> None:
    """Of mean and least unless one is named; lists that no group can have would dwarf them."""
    quality = made_up(SOURCE, "together")
    drawn = quality.plot(dark=dark).to_dict()
    rows = values(drawn, "asked")
    others = [name for name in METHODS if name != "kindred"]
    titles = ["Mean of the members' NDCG@10", "Least of the members' NDCG@10"]
    assert [(row["metric"], row["asked"], row["method"]) for row in rows] == [
        (title, kind, name)
        for title in titles
        for kind in ("2 random", "2 alike")
        for name in others
    ]
    assert {(row["value"], row["low"], row["high"]) for row in rows} == {(0.1, -0.021, 0.2)}
    assert "#5fcbb5" in json.dumps(drawn) if dark else "#0b6b5d" in json.dumps(drawn)
    spread = values(quality.plot("group_spread_10").to_dict(), "asked")
    assert {row["metric"] for row in spread} == {"Spread of the members' NDCG@10"}


def test_names_at_the_ends_of_lines_do_not_overlap() -> None:
    """They are sixteen pixels apart at least, in the order of the lines, and inside the chart."""
    drawn = made_up(SOURCE).plot().to_dict()
    places = {row["method"]: row["place"] for row in values(drawn, "place")}
    assert list(places) == ["kindred", "ease", "als", "popular", "svd"]
    step = 16 / 380 * 1.05 * 0.55
    gaps = [a - b for a, b in zip(list(places.values()), list(places.values())[1:], strict=False)]
    assert min(gaps) > 0.999 * step
    assert min(places.values()) > 0
    assert places["popular"] == pytest.approx(0.3)


def test_what_was_not_measured_cannot_be_drawn() -> None:
    """The message says what was."""
    with pytest.raises(InvalidInputError, match="'rmse' was not measured here: choose ndcg_10"):
        made_up(SOURCE).plot("rmse")
    with pytest.raises(InvalidInputError, match="'inside_80' is not drawn: choose rmse, mae"):
        made_up(SOURCE, "stars").plot("inside_80")


def test_the_words_say_what_was_done_and_in_whose_favour() -> None:
    """How many people, and that the others were tuned on them."""
    words = made_up(SOURCE).explained()
    assert "up to 90 who are not in the index were asked" in words
    assert "in its favour" in words
    stars = made_up(SOURCE, "stars")
    assert "less is better" in stars.explained()
    assert "svd" not in stars.explained()
    assert "up to 90 of a kind" in made_up(SOURCE, "together").explained()
    assert str(stars) == repr(stars)
