"""The placeholder of a poster: an SVG drawn from a movie's title, year and genres."""

from __future__ import annotations

import base64
import unicodedata
import zlib
from collections.abc import Callable

from recommender import Movie
from ui.text import escape_html

__all__ = ["GENRES", "poster_data_uri", "poster_svg"]

_WIDTH, _HEIGHT = 200, 300  # units of the SVG: posters are 2:3
_MARGIN = 16
_MAX_LINES = 6
# Numbers for `Layout.pick` that no motif uses: colours must not depend on the shape.
_BACKGROUND, _HUE, _MOTIF = 1_001, 1_002, 1_003


class Layout:
    """Where a motif sits on the 200 x 300 poster; it follows from the title, so that a film always
    has the same poster and films of one genre differ."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.x, self.y = 70 + seed % 70, 85 + (seed >> 8) % 45
        self.r = 42 + (seed >> 16) % 24
        self.turn = (seed >> 4) % 60 - 30

    def pick(self, number: int, below: int) -> int:
        """Return the pseudo-random number that the title has under ``number``, below ``below``."""
        return zlib.crc32(f"{self._seed} {number}".encode()) % below


def _disc(x: float, y: float, r: float, opacity: float) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" opacity="{opacity:.2f}"/>'


def _shape(path: str, opacity: float, line: int = 0) -> str:
    stroke = f' fill="none" stroke-width="{line}"' if line else ""
    return f'<path d="{path}" opacity="{opacity:.2f}"{stroke}/>'


def _orbits(at: Layout) -> str:
    path = f'<ellipse rx="{at.r * 2}" ry="{at.r // 2}" fill="none" stroke-width="2"/>'
    around = f'<g transform="translate({at.x} {at.y}) rotate({at.turn})">{path}</g>'
    return _disc(at.x, at.y, at.r, 0.8) + around + _disc(at.x - at.r * 1.4, at.y - 40, 6, 0.9)


def _rings(at: Layout) -> str:
    ring = '<circle cx="{}" cy="{}" r="{}" fill="none" stroke-width="5" opacity="{:.2f}"/>'
    return "".join(ring.format(at.x, at.y, k * 19, 0.9 - k * 0.13) for k in range(1, 7))


def _pair(at: Layout) -> str:
    apart = at.r * 0.55
    return _disc(100 - apart, at.y, at.r, 0.75) + _disc(100 + apart, at.y, at.r, 0.5)


def _bubbles(at: Layout) -> str:
    return "".join(
        _disc(8 + at.pick(k, 184), 20 + at.pick(k + 20, 170), 9 + at.pick(k + 40, 28), 0.3 + k / 16)
        for k in range(8)
    )


def _stars(at: Layout) -> str:
    small = (_disc(at.pick(k, 200), at.pick(k + 30, 190), 1 + k % 3, 0.9) for k in range(24))
    return _disc(at.x, at.y, at.r * 0.8, 0.7) + "".join(small)


def _blinds(at: Layout) -> str:
    slats = (_shape(f"M-60 {k * 26}h340v11H-60z", 0.75 - k * 0.07) for k in range(9))
    return f'<g transform="rotate({at.turn / 2} 100 100)">{"".join(slats)}</g>'


def _streaks(at: Layout) -> str:
    beams = (_shape(f"M0 0L{k * 40 - 60} -320h14z", 0.3 + k * 0.12) for k in range(5))
    return f'<g transform="translate({at.x} 230) rotate({at.turn})">{"".join(beams)}</g>'


def _peaks(at: Layout) -> str:
    far = _shape(f"M-20 240L{at.x - 20} {at.y + 10}L{at.x + 40} 240z", 0.35)
    near = _shape(f"M40 250L{at.x + 40} {at.y + 35}L230 250z", 0.5)
    return _disc(at.x, at.y - 20, at.r * 0.55, 1) + far + near


def _teeth(at: Layout) -> str:
    fangs = "".join(f"L{k * 20 + 10} {70 + at.pick(k, 90)}L{k * 20 + 20} 0" for k in range(10))
    return _shape(f"M0 0{fangs}z", 0.75)


def _bars(at: Layout) -> str:
    return "".join(
        _shape(f"M{14 + k * 22} 240v-{50 + at.pick(k, 130)}h12v190z", 0.4 + k % 3 * 0.2)
        for k in range(8)
    )


def _arcs(at: Layout) -> str:
    return "".join(
        _shape(f"M{at.x - k} {at.y}a{k} {k} 0 0 0 {k * 2} 0", 1.1 - k / 130, line=9)
        for k in range(22, 132, 22)
    )


def _frames(at: Layout) -> str:
    return "".join(
        _shape(f"M{18 + k} {50 + k}h{164 - 2 * k}v{150 - 2 * k}H{18 + k}z", 0.4 + k / 100, line=3)
        for k in range(0, 64, 16)
    )


def _curtain(at: Layout) -> str:
    return "".join(
        _shape(f"M{k * 24 - 8} 0q14 120 -4 250h13q18 -130 4 -250z", 0.2 + at.pick(k, 50) / 100)
        for k in range(9)
    )


Motif = Callable[[Layout], str]

# Films differ in the motif, its place and its size.
_MOTIFS: tuple[Motif, ...] = (
    *(_arcs, _bars, _blinds, _bubbles, _curtain, _frames),
    *(_orbits, _pair, _peaks, _rings, _stars, _streaks, _teeth),
)

# By genre: hue of the background, hue of the motif (degrees), and two motifs to choose from. Of a
# film's genres the first listed here gives the background, and that or the next one the motif, so
# that "Drama", which most films are, counts only where there is nothing else.
GENRES: dict[str, tuple[int, int, tuple[Motif, Motif]]] = {
    "animation": (205, 330, (_bubbles, _arcs)),
    "children": (190, 48, (_bubbles, _stars)),
    "family": (190, 48, (_bubbles, _arcs)),
    "documentary": (170, 90, (_frames, _bars)),
    "film-noir": (225, 45, (_blinds, _curtain)),
    "western": (22, 42, (_peaks, _streaks)),
    "musical": (318, 40, (_bars, _curtain)),
    "music": (318, 40, (_bars, _arcs)),
    "horror": (352, 4, (_teeth, _rings)),
    "sci-fi": (216, 178, (_orbits, _stars)),
    "science fiction": (216, 178, (_orbits, _stars)),
    "war": (88, 36, (_streaks, _peaks)),
    "fantasy": (286, 190, (_stars, _orbits)),
    "mystery": (240, 172, (_rings, _blinds)),
    "romance": (340, 18, (_pair, _arcs)),
    "crime": (222, 8, (_blinds, _frames)),
    "thriller": (196, 12, (_rings, _streaks)),
    "comedy": (36, 12, (_arcs, _bubbles)),
    "adventure": (158, 44, (_peaks, _stars)),
    "action": (12, 32, (_streaks, _bars)),
    "drama": (268, 20, (_curtain, _pair)),
}

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
    layout = Layout(zlib.crc32(f"{title}{year}".encode("utf-8", "replace")))
    background, hue, motif = _choose_style(genres, layout)
    size, lines = _fit_title(title)
    first = _HEIGHT - 18 - size * 1.14 * (len(lines) - 1)
    words = (
        f'<text x="{_MARGIN}" y="{first + size * 1.14 * number:.0f}">{escape_html(line)}</text>'
        for number, line in enumerate(lines)
    )
    return _SVG.format(
        dark=f"hsl({background},42%,15%)",
        mid=f"hsl({background + layout.pick(_BACKGROUND, 31) - 15},46%,33%)",
        glow=f"hsl({hue},72%,66%)",
        motif=motif(layout),
        size=size,
        words="".join(words),
        when=year or "",
    )


def poster_data_uri(movie: Movie) -> str:
    """Return a movie's poster as a ``data:`` address for ``<img src>``."""
    svg = poster_svg(movie.title, movie.year, movie.genres).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def _choose_style(genres: tuple[str, ...], layout: Layout) -> tuple[int, int, Motif]:
    known = {genre.lower() for genre in genres}
    styles = [style for genre, style in GENRES.items() if genre in known][:2]
    if not styles:
        motif = _MOTIFS[layout.pick(_MOTIF, len(_MOTIFS))]
        return layout.pick(_BACKGROUND, 360), layout.pick(_HUE, 360), motif
    # Films of one genre often stand side by side in a row, and should not look alike.
    choice = [(hue, motif) for _, hue, motifs in styles for motif in motifs]
    hue, motif = choice[layout.pick(_MOTIF, len(choice))]
    return styles[0][0] + layout.pick(_HUE, 41) - 20, hue, motif


def _fit_title(title: str) -> tuple[int, list[str]]:
    """Return the largest font size at which the title fits on the poster, and its lines."""
    # A long title gets small letters before it loses its end.
    for size in (30, 27, 24, 21, 18, 16, 14):
        width = (_WIDTH - 2 * _MARGIN) / size  # in em
        lines = _wrap(title, width)
        whole = all(_width_of(word) <= width for word in title.split())
        if (whole or size == 14) and len(lines) <= (4 if size > 18 else _MAX_LINES):
            return size, lines
    return 14, [*lines[: _MAX_LINES - 1], lines[_MAX_LINES - 1][:-1] + "…"]


def _wrap(title: str, width: float) -> list[str]:
    lines = [""]
    for word in title.split() or [""]:
        joined = f"{lines[-1]} {word}".strip()
        if _width_of(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:  # a word may be longer than a line, and some languages have no spaces
            if _width_of(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def _width_of(text: str) -> float:
    """Estimate the width of a text in em: nothing here knows the browser's serif font."""
    total = 0.0
    for letter in text:
        if unicodedata.east_asian_width(letter) in "WF":
            total += 1.0
        elif letter in "iljtfI.,:;'!| ()[]":
            total += 0.34
        else:
            total += 0.92 if letter in "mwMW" else 0.72 if letter.isupper() else 0.56
    return total
