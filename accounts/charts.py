"""Charts as values that a template draws as SVG; nothing is drawn in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 600, 180, 44, 10, 24
MOST_LABELS = 8
NICE = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    told: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the axis, or a label below it."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers of the drawing are texts, because a language's own commas would break it. `rows` are the
    same figures for a table: label and value, "–" where there is none."""

    title: str
    gist: str
    bars: list[Bar]
    lines: list[Mark]
    labels: list[Mark]
    rows: list[tuple[str, str]]
    width: int = WIDTH
    height: int = HEIGHT


def bar_chart(
    title: str, labels: Sequence[str], values: Sequence[float | None], *, gist: str
) -> Chart:
    """One bar for each label; None draws none."""
    top = nice_top(max((value for value in values if value), default=0))
    floor = HEIGHT - BOTTOM
    scale = (floor - TOP) / top
    slot = (WIDTH - LEFT) / max(len(labels), 1)
    bars = [
        Bar(
            x=_text(LEFT + at * slot + slot * 0.15),
            y=_text(floor - value * scale),
            width=_text(slot * 0.7),
            height=_text(value * scale),
            told=f"{labels[at]}: {shown(value)}",
        )
        for at, value in enumerate(values)
        if value
    ]
    every = -(-len(labels) // MOST_LABELS) or 1
    below = [
        Mark(_text(LEFT + (at + 0.5) * slot), label)
        for at, label in enumerate(labels)
        if at % every == 0
    ]
    lines = [Mark(_text(floor - part * scale), shown(part)) for part in (0, top / 2, top)]
    rows = [(label, shown(value)) for label, value in zip(labels, values, strict=True)]
    return Chart(title, gist, bars, lines, below, rows)


def nice_top(largest: float) -> float:
    """The least of 2, 4, 10, 20, 40, 100 … that is not below: half of it is a whole number too."""
    power = 1
    while True:
        for step in NICE:
            if 2 * step * power >= largest:
                return 2.0 * step * power
        power *= 10


def shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _text(number: float) -> str:
    return f"{number:.1f}"
