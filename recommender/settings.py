"""Settings, one frozen model per concern."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from recommender.errors import InvalidInputError

__all__ = [
    "CacheSettings",
    "EnvironmentSettings",
    "Frozen",
    "IndexSettings",
    "Layout",
    "LogSettings",
    "Ranking",
    "ServerSettings",
    "WebAddress",
    "Weighting",
    "expand_path",
]

PerState = tuple[float, float, float]
"""A value for a like, a neutral opinion and a dislike."""


class Frozen(BaseModel):
    """Base of models that never change and hold nothing but their fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Weighting(Frozen):
    """How ratings become vectors. Fixed when an index is built and recorded in its manifest."""

    like_at: float = 0.8
    """A rating from this fraction of the scale's top on is a like."""
    dislike_at: float = 0.5
    """A rating up to this fraction of the scale's top is a dislike."""
    rarity_floor: float = 0.05
    """Least value of the logarithm in a movie's weight, so that no movie counts for nothing."""
    rarity_power: float = 0.5
    """Power of that logarithm; below 1 it softens how much rare movies say."""
    state_lengths: PerState = (1.0, 0.3, 0.4)
    """What a like, a neutral and a dislike add to a rater's length, per movie weight."""
    length_power: float = 1.1
    """Power of the length a rater's vector is divided by; 1 would be unit length."""
    min_ratings: int = Field(default=5, ge=1)
    """Raters with fewer ratings are counted but not stored as neighbours."""
    damping: float = 5.0
    """Ratings that user and movie biases, and the length of a movie's vector, are shrunk by."""
    recent_days: int = Field(default=90, ge=1)
    """Days before the newest 0.1 % of the ratings from which on likes tell what is trending."""
    movie_raters: int = Field(default=4096, ge=1)
    """Raters in a movie's vector at most; the same sample of people for all that have more."""


class Ranking(Frozen):
    """How a question is answered: which raters are neighbours, and what their votes count.

    All defaults were tuned together on ml-1m and ml-latest-small, on people held out;
    ``docs/ranking.md`` has what each part brings.
    """

    agreement: tuple[PerState, PerState, PerState] = (
        (1.0, 0.65, 0.0),
        (0.65, 0.55, 0.3),
        (-0.2, 0.35, 0.5),
    )
    """``agreement[a][b]``: how much more alike a person and a rater are if the person's
    opinion of a movie is ``a`` and the rater's is ``b`` (like, neutral or seen, dislike)."""
    neighbours: int = Field(default=400, ge=1)
    """How many of the most similar raters vote."""
    many_ratings: int = Field(default=21, ge=1)
    """Movies a person liked or saw from which on their neighbours get ridge weights."""
    many_shared: float = Field(default=3.0, gt=0)
    """Movies that a person shares with a rater taken at random from which on they get them too;
    see :meth:`suited`."""
    many_neighbours: int = Field(default=800, ge=1)
    """How many vote then: the more is known of a person, the more raters tell something of them."""
    ridge: float = Field(default=400.0, gt=0)
    """What is added, divided by the number of movies liked or seen, to the diagonal of the
    neighbours' table of similarities (see :mod:`recommender.ranking.ridge_weights`)."""
    least_ridge: float = Field(default=5.0, gt=0)
    """What is added at least."""
    steps: int = Field(default=4, ge=1)
    """Steps of conjugate gradients towards the ridge weights."""
    case_amplification: float = 2.8
    """Power of a rater's similarity, relative to the most similar one, in the weight of a vote
    (Breese, Heckerman and Kadie 1998). For ``m`` movies liked or seen it is ``(m + 1) / (m + 3)``
    of this: the less is known, the less a similarity tells."""
    many_case_amplification: float = 2.0
    """That power for a person with ``many_ratings``, whose neighbours are weighted anew."""
    vote_length_power: float = 0.8
    """Power of a rater's length in that weight. The stored vectors are divided by the length, which
    finds raters of the same taste; among those found, one who rated more knows more."""
    many_vote_length_power: float = 0.4
    """That power for a person with ``many_ratings``."""
    votes: PerState = (1.0, 0.2, 0.0)
    """What a neighbour's like, neutral and dislike add to a movie's score."""
    support: float = Field(default=0.01, ge=0, le=1)
    """Part of the neighbours that must like a movie, rounded up, before it is recommended."""
    popularity_discount: float = 0.33
    """Power of a movie's number of likes that its votes are divided by; so much of it as
    ``popularity_discount_half`` says."""
    popularity_discount_half: float = Field(default=3.0, ge=0)
    """Movies liked or seen at which that power is half of it: who says little gets what many like,
    as nothing else is known."""
    many_popularity_discount: float = 0.25
    """That power from ``many_ratings`` on."""
    dial_discount: tuple[float, float] = (1.0, 0.2)
    """What is taken from that power at ``adventurous=0``, and added to it at 1. Together with
    ``dial_lift`` as large as it takes for the list of somebody who likes two to four famous films
    to change visibly (see ``docs/ranking.md``)."""
    fairness: float = Field(default=2.0, ge=0)
    """Of a list for several people: how much more those count who got little from the films above;
    0 for all alike (see :mod:`recommender.ranking.lists.together`)."""
    pseudo_likes: float = Field(default=20.0, gt=0)
    """Likes that every movie is taken to have beside its own when votes are divided."""
    panel: int = Field(default=4096, ge=1)
    """Raters whose ratings stay in memory, to count which films are rated together."""
    film_values: PerState = (1.0, 0.5, 0.2)
    """What a rater's like, neutral and dislike are worth where films are compared."""
    lift: tuple[float, float] = (0.1, 0.3)
    """Power of the lift in a score, of how much more often than by chance a film is rated together
    with what the person likes: where little is known of a person, and where much is."""
    ease: float = Field(default=0.5, ge=0, lt=0.6)
    """Part of what EASE predicts in a score where much is known. In an index so small that all
    raters vote it is half as much again."""
    company_half: float = Field(default=12.0, ge=0)
    """With ``m`` movies liked or seen, ``(m / (m + company_half)) ** 2`` of the way to the second
    power, and of that part: what is rated together with two or three films is largely chance."""
    usual_known: float = Field(default=80.0, gt=0)
    """Movies that raters like or saw, in the mean, from which on ``company_half`` and ``panel`` are
    as they are here; see :meth:`suited`."""
    dial_lift: float = 1.2
    """What is added to the power of the lift at ``adventurous=1``; at 0 it is 0."""
    lift_shrinkage: float = Field(default=8.0, gt=0)
    """Raters that are added to the counts of a lift, for what the genres alone would say."""
    genre_floor: float = Field(default=0.1, gt=0)
    """What is added to the similarity of genres, so that other genres are not ruled out."""
    narrow: tuple[float, float] = (0.50, 0.66)
    """Narrowness of the liked films from which on a taste counts as narrow, and counts wholly."""
    narrow_lift: float = 4.0
    """What a narrow taste adds to the power of the lift: this divided by the number of movies liked
    or seen, as of many not all are of one kind."""
    narrow_ease: float = 6.0
    """Power, likewise, of what EASE predicts over what popularity lets expect."""
    ease_smoothing: float = Field(default=0.5, gt=0)
    """What is added to both before they are divided."""
    ease_ridge: float = Field(default=100.0, gt=0)
    """What is added to the diagonal of the films' table of co-ratings."""
    ease_dropout: float = Field(default=0.3, ge=0)
    """Part of the diagonal that is added besides."""
    ease_raters: int = Field(default=2048, ge=1)
    """Raters of the panel over whom that table is counted."""
    candidates: int = Field(default=60, ge=1)
    """Films that EASE compares, besides those of the person."""
    many_candidates: int = Field(default=120, ge=1)
    """That number from ``many_ratings`` on."""
    candidate_lift: float = 0.8
    """Power of the lift where these are chosen."""
    similar_shrinkage: float = Field(default=100.0, ge=0)
    """Ratings of a film at which half counts of how its ratings deviate from the expected ones."""
    similar_pool: int = Field(default=1023, ge=1)
    """Films asked for that deviate most like one; 0 stands for all others."""
    trending_pseudo_likes: float = Field(default=10.0, gt=0)
    """Likes that every movie is taken to have beside its own when what is trending is ranked."""
    predict_neighbours: int = Field(default=40, ge=1)
    """How many of the rated movies most like a movie its predicted stars rest on."""
    predict_shrinkage: float = Field(default=50.0, ge=0)
    """Raters of both movies at which their similarity counts half in predicting stars."""
    predict_bias_weight: float = Field(default=0.05, gt=0)
    """Weight, as that of a rated movie, of what the biases alone say."""
    spare: int = Field(default=32, ge=1)
    """Raters asked for beyond ``neighbours``, so that ties at the cut can be seen."""

    def suited(self, known: float, shared: float) -> Ranking:
        """Suit these settings to how much raters say; for those of MovieLens they stay as they are.

        ``known`` is how many movies raters like or saw, in the mean, and ``shared`` the part of
        their movies that another one rated, above 0. Where raters say less than ``usual_known``,
        little is much to know of a person: what is rated together with it counts as much sooner,
        and the panel holds more raters, so that it holds about as many ratings. Where any two share
        many movies, the neighbours repeat each other, and ridge weights come sooner.
        """
        said = min(known / self.usual_known, 1.0)
        # With a larger panel, opening an index would take seconds.
        more = 1 / max(said, 0.25)
        return self.model_copy(
            update={
                "company_half": self.company_half * said,
                "panel": round(self.panel * more),
                "ease_raters": round(self.ease_raters * more),
                "many_ratings": min(math.ceil(self.many_shared / shared), self.many_ratings),
            }
        )

    def many(self, known: int) -> bool:
        """Tell whether so many movies liked or seen are enough for ridge weights."""
        return known >= self.many_ratings

    def amplification(self, known: int) -> float:
        """Power of similarities by how many movies were liked or seen."""
        if self.many(known):
            return self.many_case_amplification
        return self.case_amplification * (known + 1) / (known + 3)

    def discount(self, known: int, dial: float) -> float:
        """Power of popularity by how many movies were liked or seen, and by a place on the dial."""
        power = self.many_popularity_discount
        if not self.many(known):
            power = self.popularity_discount * known / (known + self.popularity_discount_half or 1)
        return power + self.dial_shift(dial)

    def dial_shift(self, dial: float) -> float:
        """What a place on the dial adds to a power of popularity; below 0 left of the middle."""
        less, more = self.dial_discount
        turn = 2 * dial - 1
        return turn * (less if turn < 0 else more)

    def lift_power(self, known: int) -> float:
        """Power of the lift by how many movies were liked or seen."""
        least, most = self.lift
        return least + (most - least) * self._company(known)

    def ease_part(self, known: int, raters: int) -> float:
        """Part of EASE in a score, in an index with so many raters."""
        voting = min(self.many_neighbours, raters - 1) / raters
        return min(self.ease * self._company(known) * (1 + voting**2 / 2), 0.9)

    def _company(self, known: int) -> float:
        return (known / (known + self.company_half)) ** 2 if known else 0.0


def expand_path(path: str | Path) -> Path:
    """Read a path, with ``~`` replaced by the home folder; one of nobody who is there stays."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - that of pathlib raises there


def _web_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.username or parts.password:
        raise ValueError("leave name and password out of the address")
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # the port is no number, or none there is
        usable = False
    if not usable or re.search(r"\s", address):
        raise ValueError("write an address such as http://localhost:6333")
    return address.rstrip("/")


def _web_addresses(addresses: str) -> str:
    # Nodes of one cluster hold the same, so that the order counts and nothing else.
    return ",".join(_web_address(address.strip()) for address in addresses.split(","))


def _key(key: SecretStr | None) -> SecretStr | None:
    """Refuse what cannot travel in a header, without repeating it."""
    text = key.get_secret_value() if key else ""
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("a key is plain ASCII on one line, without blanks around it")
    return key


Folder = Annotated[Path, AfterValidator(expand_path)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
WebAddresses = Annotated[str, AfterValidator(_web_addresses)]
Key = Annotated[SecretStr | None, AfterValidator(_key)]


class EnvironmentSettings(BaseSettings):
    """Settings of one concern: what a caller gives, else what the environment says, else defaults.

    The variable of a field is the model's prefix and the field's name in capitals; one that is
    empty counts as unset. Secrets are :class:`pydantic.SecretStr`, which no message shows.
    """

    # pydantic's own messages would repeat a key, hence hide_input_in_errors.
    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_ignore_empty=True, hide_input_in_errors=True
    )

    @classmethod
    def variable(cls, field: str) -> str:
        """Name of the environment variable of a field."""
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read the settings; what is given, and not None, comes before the environment.

        Raises InvalidInputError naming the setting, its value unless it is a secret, and what to
        write instead.
        """
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0])
            name = field if given.get(field) is not None else cls.variable(field)
            secret = cls.model_fields[field].annotation == SecretStr | None
            # A password may stand in an address, before an @.
            secret = secret or "@" in str(first["input"])
            value = "not usable" if secret else repr(first["input"])
            reason = first["msg"].removeprefix("Value error, ")
            raise InvalidInputError(f"{name} is {value}: {reason}") from None


class IndexSettings(EnvironmentSettings):
    """Where the embedded index is."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_")

    index: Folder | None = None
    """Its folder; unset, one in the per-user data folder, unless there is a server."""

    @property
    def folder(self) -> Path:
        """The folder, whether set or not."""
        return self.index or platformdirs.user_data_path("kindred", appauthor=False) / "index"


class CacheSettings(EnvironmentSettings):
    """Where what was fetched from the network is kept."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_")

    cache: Folder = Field(
        default_factory=lambda: platformdirs.user_cache_path("kindred", appauthor=False)
    )
    """Folder of downloads, posters and results of evaluations, and of the app's last port; by
    default in the per-user cache folder."""


class LogSettings(EnvironmentSettings):
    """What is logged on standard error, by the app and by commands."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_")

    log: Literal["text", "json"] = "text"
    """Form: lines for people, or a JSON object on each."""
    log_level: Literal["info", "warning", "error"] = "warning"
    """The least that is shown; ``info`` tells of every question and how long it took."""


class ServerSettings(EnvironmentSettings):
    """The Qdrant server, cluster or cloud the index is on, if it is on one."""

    model_config = SettingsConfigDict(env_prefix="QDRANT_")

    url: WebAddresses | None = None
    """Its address, such as ``http://localhost:6333``; or those of several nodes of a cluster, with
    commas between them, of which the next is asked where one is unavailable."""
    api_key: Key = None
    """Key; one that may only read is enough for everything but ingesting."""
    name: str = Field(default="kindred", pattern=r"^[A-Za-z0-9_-]{1,100}$")
    """Name of the index on the server; several may live there."""
    timeout: float = Field(default=10, ge=1, le=600)
    """Seconds within which the server must answer a call, its nodes together; writing gets six
    times as long. Each node is given whole seconds, at least one."""
    grpc: bool = False
    """Talk gRPC rather than REST."""
    grpc_port: int = Field(default=6334, ge=1, le=65535)
    """Port of gRPC."""

    @property
    def addresses(self) -> list[str]:
        """The addresses one by one."""
        return (self.url or "").split(",")


class Layout(Frozen):
    """How a new version is laid out on a server."""

    shards: int = Field(default=1, ge=1)
    """Parts that each collection is divided into."""
    replicas: int = Field(default=1, ge=1)
    """Copies of each shard."""
    consistency: int | None = Field(default=None, ge=1)
    """Copies that must have taken a write before it counts; unset, half of them, rounded up."""
    on_disk: bool = False
    """Whether what is searched stays on disk, and in memory only as far as there is room."""

    @property
    def acknowledged(self) -> int:
        """Copies that must have taken a write.

        Half of them, so that an ingest outlives the loss of the others: a copy that missed a write
        is out of use until the server has made it whole again.
        """
        return self.consistency or (self.replicas + 1) // 2
