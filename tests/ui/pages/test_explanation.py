"""The calculation, as a person can check it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Explanation, Movie, MovieFilter, Neighbour, Recommender
from recommender.results import Reason, Vote
from tests.ui.driving import page, param, visit
from tests.ui.paging import one_page
from tests.ui.profiles import own_profile
from ui.components.explanation import Calculation, steps
from ui.components.written_numbers import write_score, write_votes
from ui.state.visit import FilterChoice

SAID = own_profile({8: 1, 10: 1, 12: 0, 9: -1})


def explained(*votes: float, **changes: object) -> Explanation:
    """An explanation with votes of these weights, each a like."""
    cast = tuple(Vote(f"r{at}", 0.5, 5.0, weight, 1.0) for at, weight in enumerate(votes))
    total = sum(votes)
    calculation = Explanation(
        movie=Movie(3, "[REC]", 2007),
        score=max(total, 0) / 25**0.2,
        votes=cast,
        total=total,
        likes=5,
        pseudo_likes=20.0,
        popularity_discount=0.2,
        damping=25**0.2,
        lift=1.0,
        lift_power=0.0,
        ease=1.0,
        ease_power=0.0,
        added=0.0,
        supporters=len(votes),
        least_supporters=1,
        neighbours=40,
        because=(),
        by_genre=0.0,
    )
    return replace(calculation, **changes)  # type: ignore[arg-type]


def calculation(explanation: Explanation, place: int | None = 1) -> str:
    """The steps for it, for a person who rated nothing."""
    return steps(Calculation(own_profile(), (), explanation, (), 60, place, False))


def number(text: str) -> float:
    """Read a number as it is written on the page."""
    return float(text.replace(",", "").replace("−", "-"))


@given(st.lists(st.floats(-1, 1).filter(lambda weight: abs(weight) > 1e-4), max_size=30))
def test_votes_add_up_as_they_are_shown(weights: list[float]) -> None:
    """To the last digit, whatever was rounded, and close to what they are."""
    exact = explained(*sorted(weights, key=abs, reverse=True))
    shown = write_votes(exact)
    parts = [*shown.votes, *filter(None, [shown.others])]
    assert sum(map(number, parts)) == pytest.approx(number(shown.total), abs=1e-9)
    assert len(parts) == min(len(weights), 9)
    assert number(shown.total) == pytest.approx(exact.total, abs=0.005)


def test_small_totals_have_more_decimals() -> None:
    """Or nothing of them would be left."""
    assert write_votes(explained(0.00012)).total == "0.00012000"
    assert write_votes(explained(12.5, 0.25)).votes == ("12.500", "0.250")


@given(
    st.floats(0.01, 400),
    st.floats(0.05, 50),
    st.floats(0, 2.5),
    st.floats(0.5, 2),
    st.floats(0, 3),
    st.floats(0, 10),
)
def test_the_score_follows_from_what_is_written(
    total: float, lift: float, lift_power: float, ease: float, ease_power: float, added: float
) -> None:
    """To the last digit; and it is the score, to about a thousandth."""
    exact = explained(
        total,
        score=total / 25**0.2 * lift**lift_power * ease**ease_power + added,
        **{"lift": lift, "lift_power": lift_power, "ease": ease, "ease_power": ease_power},
        added=added,
    )
    written = write_score(exact)
    terms = re.split(r" ([÷×+]) ", written.formula)
    score = number(terms[0])
    for sign, term in zip(terms[1::2], map(number, terms[2::2]), strict=True):
        score = {"÷": score / term, "×": score * term, "+": score + term}[sign]
    # Half a unit of the fourth digit, which is what rounding takes.
    assert number(written.score) == pytest.approx(score, rel=5.1e-4)
    assert number(written.score) == pytest.approx(exact.score, rel=1e-3)
    powers = [power for power in (written.damping, written.lift, written.ease) if power]
    assert len(powers) == 1 + (lift_power > 0) + (ease_power > 0)
    assert all(
        power.endswith(f" = {term}") for power, term in zip(powers, terms[2::2], strict=False)
    )
    for base, power, value in re.findall(
        r"([\d.e-]+)<sup>(.*?)</sup> = (.*?)$", "\n".join(powers), re.M
    ):
        assert number(base) ** number(power) == pytest.approx(number(value), rel=1e-4)


def test_steps_that_change_nothing_are_left_out() -> None:
    """Without lift, prediction and genres the votes and their divisor are all."""
    plain = calculation(explained(2.0))
    assert "2.0000 ÷ 1.9037 = <b>1.051</b>" in plain
    assert "<em>lift</em>" not in plain
    assert "EASE" not in plain


def test_lift_and_prediction_have_a_step_each() -> None:
    """With their powers; two times .5 is what is added to them."""
    full = calculation(
        explained(
            2.0,
            because=(Reason(Movie(8, "Alien", 1979), 1.0),),
            **{"lift": 4.0, "lift_power": 0.5, "ease": 3.0, "ease_power": 2.0, "added": 0.5},
            by_genre=0.125,
        )
    )
    assert "4.00 times as often as by chance" in full
    assert '<p class="k-formula">4<sup>0.5</sup> = 2.0000</p>' in full
    assert '<p class="k-formula">3<sup>2</sup> = 9.0000</p>' in full
    assert "adds 0.50000 to the score" in full
    # 2 / 1.9037 * 2 * 9 + .5
    assert "2.0000 ÷ 1.9037 × 2.0000 × 9.0000 + 0.50000 = <b>19.41</b>" in full
    assert "Of the score 12\u00a0% comes from genres, the rest from ratings" in full


@pytest.mark.usefixtures("served")
def test_the_numbers_are_those_of_the_recommender(recommender: Recommender) -> None:
    """Votes, fame, score and place of the first film of the list; shares sum to 100."""
    app = one_page("explanation", SAID).run()
    assert not app.exception
    first = recommender.recommend(SAID.opinions)[0]
    exact = recommender.explain(SAID.opinions, first.movie.movie_id)
    text = page(app)
    assert app.selectbox(key="how-film").value == first.movie.movie_id
    assert param(app, "film") == ""
    assert f"The {exact.neighbours:,} most alike" in text
    assert f"{len(exact.votes):,} of them rated" in text
    assert f"({exact.likes} likes + 20)<sup>{exact.popularity_discount:.5g}</sup>" in text
    assert "times as often as by chance: its <em>lift</em>" in text
    found = re.search(r">([\d.,]+) ÷ ([\d.,]+) × ([\d.,]+) \+ ([\d.,]+) = <b>([\d.,]+)</b>", text)
    assert found
    total, damping, lift, added, score = map(number, found.groups())
    assert score == pytest.approx(exact.score, rel=1e-3)
    assert total / damping * lift + added == pytest.approx(score, rel=1e-3)
    assert f"it adds {found[4]} to the score.</p>" in text
    assert "place <b>1</b>" in text
    shares = text.partition("What each of your ratings did")[2]
    assert sum(map(number, re.findall(r"<b>(−?\d+)\u00a0%</b>", shares))) == 100


@pytest.mark.usefixtures("served")
def test_another_film_can_be_chosen(recommender: Recommender) -> None:
    """From the list, or by a link; what is rated is not scored, and gives way to the first."""
    app = one_page("explanation", SAID).run()
    second = recommender.recommend(SAID.opinions)[1].movie.movie_id
    app.selectbox(key="how-film").set_value(second).run()
    assert not app.exception
    assert "place <b>2</b>" in page(app)
    assert param(app, "film") == str(second)
    linked = one_page("explanation", SAID, film=str(second)).run()
    assert "place <b>2</b>" in page(linked)
    rated = one_page("explanation", SAID, film="10").run()
    assert "place <b>1</b>" in page(rated)


@pytest.mark.usefixtures("served")
def test_the_list_is_the_one_with_the_filters_of_home(recommender: Recommender) -> None:
    """A film that a filter leaves out has a score and no place."""
    app = one_page("explanation", SAID).run()
    visit(app).filters = FilterChoice(MovieFilter(genres=("War",)), adventurous=1.0)
    visit(app).chosen = 14
    app.run()
    assert not app.exception
    assert "a filter leaves it out" in page(app)
    exact = recommender.explain(SAID.opinions, 14, adventurous=1.0)
    assert f"<sup>{exact.popularity_discount:.5g}</sup>" in page(app)
    visit(app).filters = FilterChoice(MovieFilter(years=(1950, 1950)))
    app.run()
    assert not app.exception
    assert "take a filter away" in page(app)


@pytest.mark.usefixtures("served")
def test_someone_new_sees_an_example_that_says_so(recommender: Recommender) -> None:
    """Two films, named; and nothing is rated by looking."""
    app = one_page("explanation").run()
    assert not app.exception
    assert "This is an example, for somebody who liked" in page(app)
    assert "place <b>1</b>" in page(app)
    assert not visit(app).taste.profile.films
    app.button(key="rate-a-few").click().run()
    assert visit(app).goes_to == "discover"


@pytest.mark.usefixtures("served")
def test_without_kindred_raters_there_is_nothing_to_calculate(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it says what helps."""
    popular = recommender.popular()
    monkeypatch.setattr(Recommender, "recommend", lambda *_, **__: popular)
    app = one_page("explanation", SAID).run()
    assert not app.exception
    assert "no kindred raters yet" in page(app)
    assert not app.selectbox


def test_what_is_not_recommended_says_why() -> None:
    """No votes, too few who like it, or more against it."""
    assert "None of them rated <cite>[REC] (2007)</cite>" in calculation(explained(), None)
    few = calculation(explained(0.5, supporters=1, least_supporters=4), None)
    assert "Only 1 of your kindred raters like it, and at least 4 must" in few
    assert "More speaks against it" in calculation(explained(-0.5, 0.2), None)


def test_hostile_titles_are_written_as_they_are() -> None:
    """Whatever they are."""
    movie = Movie(5, '<b>Bold</b> & "Quoted"', 2001)
    text = calculation(explained(1.0, movie=movie))
    assert "<cite>&lt;b&gt;Bold&lt;/b&gt; &amp; &quot;Quoted&quot; (2001)</cite>" in text


def test_no_rater_is_named_in_person() -> None:
    """An id that is no number may be an address; of who is not near there is no place either."""
    votes = tuple(Vote(who, 0.5, 5.0, 1.0, 1.0) for who in ("ann@x", "bob@x", 89))
    near = (Neighbour("eve@x", 2.0, 1.0, 9, (), ()), Neighbour("bob@x", 1.0, 1.0, 9, (), ()))
    text = steps(Calculation(own_profile(), (), explained(1.0, votes=votes), near, 60, 1, False))
    assert "@x" not in text
    assert "</b> Rater no. 1" in text
    assert re.findall(r"<th scope=row>(.*?)</th>", text)[:3] == [
        "Another rater",
        "Rater no. 2",
        "Rater 89",
    ]


def test_in_an_index_of_likes_nobody_gave_stars() -> None:
    """What is stored as one star is a like."""
    text = steps(Calculation(own_profile(), (), explained(1.0), (), 60, 1, True))
    assert "liked it" in text
    assert "Stars" not in text
