"""Profiles as the app holds them, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recommender import Profile
from ui.state.taste import EMPTY, MovieId


def own_profile(
    opinions: Mapping[Any, float] | None = None,
    stars: Mapping[Any, float] | None = None,
    watchlist: tuple[MovieId, ...] = (),
    hidden: tuple[MovieId, ...] = (),
) -> Profile:
    """Make the profile of a visitor: on the scale of the app."""
    return replace(
        EMPTY, opinions=opinions or {}, stars=stars or {}, watchlist=watchlist, hidden=hidden
    )
