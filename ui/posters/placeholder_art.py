"""The picture of a movie: a poster drawn from its title, year and genres."""

from __future__ import annotations

import base64
import unicodedata
import zlib

from recommender import Movie
from ui.posters.motifs import MOTIFS, Spot
from ui.text import escape_html

__all__ = ["GENRES", "picture", "poster_svg"]

_WIDTH, _HEIGHT = 200, 300
_MARGIN = 16
_LINES = 6
_SKY, _LIGHT, _MOTIF = 1_001, 1_002, 1_003  # rolls that no motif makes

# By genre: hue of the sky, hue of the light in it, and the motifs that may stand in that light.
# Of a film's genres the first that stands here gives the sky, and this or the next one the light.
GENRES: dict[str, tuple[int, int, tuple[str, str]]] = {
    "animation": (205, 330, ("bubbles", "arcs")),
    "children": (190, 48, ("bubbles", "stars")),
    "family": (190, 48, ("bubbles", "arcs")),
    "documentary": (170, 90, ("frames", "bars")),
    "film-noir": (225, 45, ("blinds", "curtain")),
    "western": (22, 42, ("peaks", "streaks")),
    "musical": (318, 40, ("bars", "curtain")),
    "music": (318, 40, ("bars", "arcs")),
    "horror": (352, 4, ("teeth", "rings")),
    "sci-fi": (216, 178, ("orbits", "stars")),
    "science fiction": (216, 178, ("orbits", "stars")),
    "war": (88, 36, ("streaks", "peaks")),
    "fantasy": (286, 190, ("stars", "orbits")),
    "mystery": (240, 172, ("rings", "blinds")),
    "romance": (340, 18, ("pair", "arcs")),
    "crime": (222, 8, ("blinds", "frames")),
    "thriller": (196, 12, ("rings", "streaks")),
    "comedy": (36, 12, ("arcs", "bubbles")),
    "adventure": (158, 44, ("peaks", "stars")),
    "action": (12, 32, ("streaks", "bars")),
    "drama": (268, 20, ("curtain", "pair")),
}


def picture(movie: Movie) -> str:
    """Give the address of a movie's drawn poster, fit for ``<img src>``."""
    svg = poster_svg(movie.title, movie.year, movie.genres).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300">
<defs><linearGradient id="s" x2=".35" y2="1"><stop stop-color="{mid}"/><stop offset="1" \
stop-color="{dark}"/></linearGradient><linearGradient id="f" x2="0" y2="1">
<stop stop-color="{dark}" stop-opacity=".5"/><stop offset=".3" stop-color="{dark}" \
stop-opacity="0"/><stop offset=".8" stop-color="{dark}" stop-opacity=".94"/></linearGradient></defs>
<path fill="url(#s)" d="M0 0h200v300H0z"/><g fill="{glow}" stroke="{glow}" stroke-width="0">{motif}\
</g><path fill="url(#f)" d="M0 0h200v300H0z"/><g fill="#fff" font-weight="700" font-size="{size}" \
font-family="Georgia,'Liberation Serif','Times New Roman',serif">{words}<text x="16" y="30" \
font-size="13" letter-spacing="2" opacity=".85" font-family="Arial,'Liberation Sans',sans-serif">\
{when}</text></g></svg>"""


def poster_svg(title: str, year: int | None, genres: tuple[str, ...]) -> str:
    """Draw a poster, 2:3, as a complete SVG document."""
    dice = zlib.crc32(f"{title}{year}".encode("utf-8", "replace"))
    spot = Spot(dice)
    sky, light, motif = _look(genres, spot)
    size, lines = _set_title(title)
    first = _HEIGHT - 18 - size * 1.14 * (len(lines) - 1)
    words = (
        f'<text x="{_MARGIN}" y="{first + size * 1.14 * number:.0f}">{escape_html(line)}</text>'
        for number, line in enumerate(lines)
    )
    return _SVG.format(
        dark=f"hsl({sky},42%,15%)",
        mid=f"hsl({sky + spot.roll(_SKY, 31) - 15},46%,33%)",
        glow=f"hsl({light},72%,66%)",
        motif=MOTIFS[motif](spot),
        size=size,
        words="".join(words),
        when=year or "",
    )


def _look(genres: tuple[str, ...], spot: Spot) -> tuple[int, int, str]:
    known = {genre.lower() for genre in genres}
    looks = [look for genre, look in GENRES.items() if genre in known][:2]
    if not looks:
        return (
            spot.roll(_SKY, 360),
            spot.roll(_LIGHT, 360),
            [*MOTIFS][spot.roll(_MOTIF, len(MOTIFS))],
        )
    # Films of one genre often stand side by side.
    choice = [(light, motif) for _, light, motifs in looks for motif in motifs]
    light, motif = choice[spot.roll(_MOTIF, len(choice))]
    return looks[0][0] + spot.roll(_LIGHT, 41) - 20, light, motif


def _set_title(title: str) -> tuple[int, list[str]]:
    """Find the largest size at which the title stands on the poster, and its lines."""
    for size in (30, 27, 24, 21, 18, 16, 14):
        room = (_WIDTH - 2 * _MARGIN) / size  # in letters' own size
        lines = _wrap(title, room)
        whole = all(_length(word) <= room for word in title.split())
        if (whole or size == 14) and len(lines) <= (4 if size > 18 else _LINES):
            return size, lines
    return 14, [*lines[: _LINES - 1], lines[_LINES - 1][:-1] + "…"]


def _wrap(title: str, room: float) -> list[str]:
    lines = [""]
    for word in title.split() or [""]:
        joined = f"{lines[-1]} {word}".strip()
        if _length(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:  # one word may be longer than a line, or a language have no spaces
            if _length(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return lines


def _length(text: str) -> float:
    """Estimate how long a text is, in its own size; serif capitals are wide, "i" and "l" not."""
    total = 0.0
    for letter in text:
        if unicodedata.east_asian_width(letter) in "WF":
            total += 1.0
        elif letter in "iljtfI.,:;'!| ()[]":
            total += 0.34
        else:
            total += 0.92 if letter in "mwMW" else 0.72 if letter.isupper() else 0.56
    return total
