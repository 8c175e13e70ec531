"""Settings, one frozen model per concern."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["IndexSettings", "Ranking", "Weighting"]

Row = tuple[float, float, float]


class Weighting(BaseModel):
    """How ratings become vectors. Fixed when an index is built and recorded in its manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    like_at: float = 0.8
    """A rating from this fraction of the scale's top on is a like."""
    dislike_at: float = 0.5
    """A rating up to this fraction of the scale's top is a dislike."""
    rarity_floor: float = 0.05
    """Least value of the logarithm in a movie's weight, so that no movie counts for nothing."""
    rarity_power: float = 0.5
    """Power of that logarithm; below 1 it softens how much rare movies say."""
    state_lengths: Row = (1.0, 0.3, 0.4)
    """What a like, a neutral and a dislike add to a rater's length, per movie weight."""
    length_power: float = 1.1
    """Power of the length a rater's vector is divided by; 1 would be unit length."""
    min_ratings: int = Field(default=5, ge=1)
    """Raters with fewer ratings are counted but not stored as neighbours."""
    damping: float = 5.0
    """Ratings' worth of doubt in user and movie biases and in the length of a movie's vector."""


class Ranking(BaseModel):
    """How a question is answered: which raters are kindred, and what their votes count."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreement: tuple[Row, Row, Row] = ((1.0, 0.5, -0.15), (0.5, 0.4, 0.2), (-0.3, 0.2, 0.5))
    """``agreement[a][b]``: how much it speaks for kinship that the person said ``a`` and a rater
    said ``b`` of the same movie (like, neutral or seen, dislike)."""
    neighbours: int = Field(default=400, ge=1)
    """How many of the most similar raters vote."""
    sharpening: float = 2.0
    """Power of a rater's similarity, relative to the most similar one, in the weight of a vote."""
    votes: Row = (1.0, 0.2, 0.0)
    """What a neighbour's like, neutral and dislike add to a movie's score."""
    popularity_exponent: float = 0.3
    """Power of a movie's number of likes that its votes are divided by."""
    familiar_exponent: float = 0.05
    """That power at ``adventurous=0``."""
    adventurous_exponent: float = 0.65
    """That power at ``adventurous=1``."""
    similar_doubt: float = 10.0
    """Ratings at which a similar movie's score counts half."""
    similar_pool: int = Field(default=200, ge=0)
    """Similar movies asked for beyond the limit, before that is applied."""
    spare: int = Field(default=32, ge=1)
    """Raters asked for beyond ``neighbours``, so that ties at the cut can be seen."""

    def exponent(self, adventurous: float | None) -> float:
        """Popularity exponent for a place on the familiar-adventurous dial."""
        if adventurous is None:
            return self.popularity_exponent
        span = self.adventurous_exponent - self.familiar_exponent
        return self.familiar_exponent + adventurous * span


class IndexSettings(BaseSettings):
    """Where the index is. ``KINDRED_INDEX`` names a folder; unset, it is the per-user data one."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="KINDRED_", env_ignore_empty=True)

    index: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("kindred", appauthor=False) / "index"
    )
    """Folder of the embedded index."""
