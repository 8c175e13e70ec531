"""Telling films from series, episodes and games, by what services call them in many languages."""

from __future__ import annotations

import re

from recommender.catalogue.titles import folded

__all__ = ["FILM", "UNKNOWN", "film_kind", "is_episode_title"]

FILM, UNKNOWN = "film", "unknown"

_LONGEST = 50

# In the order they are tried: an episode of a series is an episode. Compared without accents,
# blanks and signs, as in "tvMiniSeries" and "TV Mini-Series".
_KINDS = {
    kind: re.compile(words)
    for kind, words in (
        ("person", r"^person$"),
        ("podcast", r"podcast"),
        ("trailer", r"trailer|teaser|hook|promo|recap"),
        ("music video", r"musi[ckq].*video|video.*musi[ckq]|mus.*klip|clip|teledysk"),
        (
            "game",
            r"game|videospiel|computerspiel|^spiel$|jeu|juego|gioco|jogo|spel$|spil$|^gra|игра",
        ),
        (
            "episode",
            r"epi[sz]od|folge|aflevering|afsnit|avsnitt|odcinek|jakso|bolum|серия|эпизод|エピソード",
        ),
        ("season", r"season|staffel|saison|temporada|stagione|sasong|seizoen"),
        (
            "series",
            r"seri|show|sarja|telenovela|dizi|sorozat|сериал|シリーズ|剧集|连续剧|시리즈|드라마|^tv$|^anime$",
        ),
        (
            FILM,
            r"film|movie|feature|pelicula|elokuva|metrage|metraje|metraggio|metragem|^corto|^curta"
            r"|documenta|dokument|short|special|^video$|фильм|映画|电影|電影|영화",
        ),
    )
}
_EPISODE_TITLE = re.compile(
    r": (?:season|series|staffel|saison|temporada|stagione|säsong|seizoen|limited series|miniserie)"
    r"\b|: (?:part|teil|partie|parte|volume|book|chapter|episode) \w+:",
    re.IGNORECASE,
)


def film_kind(kind: str) -> str:
    """Return :data:`FILM`, the kind that something else is of, or :data:`UNKNOWN`.

    Examples
    --------
    >>> [film_kind(kind) for kind in ("Spielfilm", "tvMiniSeries", "Épisode TV", "Jeu vidéo", "?")]
    ['film', 'series', 'episode', 'game', 'unknown']
    """
    # Folding changes letters of Japanese and Korean, too: those are looked for as they are.
    kind = kind[:_LONGEST]
    texts = (folded(kind).replace(" ", ""), kind.casefold())
    found = (name for name, words in _KINDS.items() if any(map(words.search, texts)))
    return next(found, UNKNOWN)


def is_episode_title(title: str) -> bool:
    """Tell whether a title is an episode's, as Netflix writes it.

    Examples
    --------
    >>> [is_episode_title(title) for title in ("Dark: Season 1: Secrets", "Kill Bill: Volume 1")]
    [True, False]
    """
    return _EPISODE_TITLE.search(title) is not None
