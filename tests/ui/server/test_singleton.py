"""Objects that a server has one of."""

from __future__ import annotations

import threading
import time

import pytest
import streamlit as st

from tests.ui.fresh import SINGLETONS
from ui.server.singleton import Singleton


@pytest.mark.usefixtures("served")
def test_no_browser_can_have_it_thrown_away() -> None:
    """Any may ask Streamlit to clear its caches: requests, keys and open indexes stay."""
    before = [one() for one in SINGLETONS]
    st.cache_resource.clear()
    st.cache_data.clear()
    assert all(one() is old for one, old in zip(SINGLETONS, before, strict=True))


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    """The others wait; when it is cleared it is made anew."""
    made: list[object] = []

    def make() -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    singleton = Singleton(make)
    threads = [threading.Thread(target=singleton) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [singleton()] == made
    singleton.clear()
    assert singleton() is made[1]


def test_what_fails_is_tried_again() -> None:
    """By the next who asks."""
    answers = iter([ZeroDivisionError(), None])

    def make() -> str:
        if problem := next(answers):
            raise problem
        return "made"

    singleton = Singleton(make)
    with pytest.raises(ZeroDivisionError):
        singleton()
    assert singleton() == "made"
