"""The shapes on a drawn poster, one for each kind of film."""

from __future__ import annotations

import zlib
from collections.abc import Callable

__all__ = ["MOTIFS", "Spot"]


class Spot:
    """Where a motif sits on the 200 x 300 poster, and how films of one genre come to differ."""

    def __init__(self, dice: int) -> None:
        self._dice = dice
        self.x, self.y = 70 + dice % 70, 85 + (dice >> 8) % 45
        self.r = 42 + (dice >> 16) % 24
        self.turn = (dice >> 4) % 60 - 30

    def roll(self, times: int, most: int) -> int:
        """Draw the next of a row of numbers that look random, below ``most``."""
        return zlib.crc32(f"{self._dice} {times}".encode()) % most


def _disc(x: float, y: float, r: float, opacity: float) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" opacity="{opacity:.2f}"/>'


def _shape(path: str, opacity: float, line: int = 0) -> str:
    stroke = f' fill="none" stroke-width="{line}"' if line else ""
    return f'<path d="{path}" opacity="{opacity:.2f}"{stroke}/>'


def _orbits(at: Spot) -> str:
    path = f'<ellipse rx="{at.r * 2}" ry="{at.r // 2}" fill="none" stroke-width="2"/>'
    around = f'<g transform="translate({at.x} {at.y}) rotate({at.turn})">{path}</g>'
    return _disc(at.x, at.y, at.r, 0.8) + around + _disc(at.x - at.r * 1.4, at.y - 40, 6, 0.9)


def _rings(at: Spot) -> str:
    ring = '<circle cx="{}" cy="{}" r="{}" fill="none" stroke-width="5" opacity="{:.2f}"/>'
    return "".join(ring.format(at.x, at.y, k * 19, 0.9 - k * 0.13) for k in range(1, 7))


def _pair(at: Spot) -> str:
    apart = at.r * 0.55
    return _disc(100 - apart, at.y, at.r, 0.75) + _disc(100 + apart, at.y, at.r, 0.5)


def _bubbles(at: Spot) -> str:
    return "".join(
        _disc(8 + at.roll(k, 184), 20 + at.roll(k + 20, 170), 9 + at.roll(k + 40, 28), 0.3 + k / 16)
        for k in range(8)
    )


def _stars(at: Spot) -> str:
    small = (_disc(at.roll(k, 200), at.roll(k + 30, 190), 1 + k % 3, 0.9) for k in range(24))
    return _disc(at.x, at.y, at.r * 0.8, 0.7) + "".join(small)


def _blinds(at: Spot) -> str:
    slats = (_shape(f"M-60 {k * 26}h340v11H-60z", 0.75 - k * 0.07) for k in range(9))
    return f'<g transform="rotate({at.turn / 2} 100 100)">{"".join(slats)}</g>'


def _streaks(at: Spot) -> str:
    beams = (_shape(f"M0 0L{k * 40 - 60} -320h14z", 0.3 + k * 0.12) for k in range(5))
    return f'<g transform="translate({at.x} 230) rotate({at.turn})">{"".join(beams)}</g>'


def _peaks(at: Spot) -> str:
    far = _shape(f"M-20 240L{at.x - 20} {at.y + 10}L{at.x + 40} 240z", 0.35)
    near = _shape(f"M40 250L{at.x + 40} {at.y + 35}L230 250z", 0.5)
    return _disc(at.x, at.y - 20, at.r * 0.55, 1) + far + near


def _teeth(at: Spot) -> str:
    fangs = "".join(f"L{k * 20 + 10} {70 + at.roll(k, 90)}L{k * 20 + 20} 0" for k in range(10))
    return _shape(f"M0 0{fangs}z", 0.75)


def _bars(at: Spot) -> str:
    return "".join(
        _shape(f"M{14 + k * 22} 240v-{50 + at.roll(k, 130)}h12v190z", 0.4 + k % 3 * 0.2)
        for k in range(8)
    )


def _arcs(at: Spot) -> str:
    return "".join(
        _shape(f"M{at.x - k} {at.y}a{k} {k} 0 0 0 {k * 2} 0", 1.1 - k / 130, line=9)
        for k in range(22, 132, 22)
    )


def _frames(at: Spot) -> str:
    return "".join(
        _shape(f"M{18 + k} {50 + k}h{164 - 2 * k}v{150 - 2 * k}H{18 + k}z", 0.4 + k / 100, line=3)
        for k in range(0, 64, 16)
    )


def _curtain(at: Spot) -> str:
    return "".join(
        _shape(f"M{k * 24 - 8} 0q14 120 -4 250h13q18 -130 4 -250z", 0.2 + at.roll(k, 50) / 100)
        for k in range(9)
    )


MOTIFS: dict[str, Callable[[Spot], str]] = {
    draw.__name__.removeprefix("_"): draw
    for draw in (
        *(_arcs, _bars, _blinds, _bubbles, _curtain, _frames),
        *(_orbits, _pair, _peaks, _rings, _stars, _streaks, _teeth),
    )
}
"""SVG of each motif, by name."""
