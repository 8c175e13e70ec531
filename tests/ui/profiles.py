"""Profiles as the app holds them, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recommender import Profile
from ui.state.taste import EMPTY, MovieId, Taste
from ui.transfer.import_draft import Draft


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


def after(brought: Draft, profile: Profile = EMPTY) -> Profile:
    """What is said once these films were added."""
    taste = Taste(profile)
    taste.say(brought.changes(taste.profile).said, "import")
    return taste.profile
