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
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the axis, or a label below it."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """One of several sets of figures in a chart; `tone` is the class of its colour."""

    name: str
    tone: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers of the drawing are texts, because a language's own commas would break it. `rows` are the
    same figures for a table: label and values, "–" where there is none. `keys` name the colours:
    (tone, name)."""

    title: str
    gist: str
    bars: list[Bar]
    lines: list[Mark]
    labels: list[Mark]
    rows: Sequence[tuple[str, ...]]
    width: int = WIDTH
    height: int = HEIGHT
    keys: Sequence[tuple[str, str]] = ()


def bar_chart(
    title: str, labels: Sequence[str], values: Sequence[float | None], *, gist: str
) -> Chart:
    """One bar for each label; None draws none."""
    ground = _Ground(len(labels), max((value for value in values if value), default=0))
    bars = [
        ground.bar(at, value, f"{labels[at]}: {shown(value)}")
        for at, value in enumerate(values)
        if value
    ]
    rows = [(label, shown(value)) for label, value in zip(labels, values, strict=True)]
    return Chart(title, gist, bars, ground.lines(), ground.labels(labels), rows)


def stacked_chart(
    title: str, labels: Sequence[str], series: Sequence[Series], *, gist: str
) -> Chart:
    """The bars of one label stand on each other, the first of them below."""
    sums = [sum(figures) for figures in zip(*(one.values for one in series), strict=True)]
    ground = _Ground(len(labels), max(sums, default=0))
    bars, below = [], [0.0] * len(labels)
    for one in series:
        for at, value in enumerate(one.values):
            if value:
                told = f"{labels[at]}, {one.name}: {shown(value)}"
                bars.append(ground.bar(at, value, told, below=below[at], tone=one.tone))
                below[at] += value
    return _of_several(title, labels, series, gist=gist, ground=ground, bars=bars)


def side_by_side_chart(
    title: str, labels: Sequence[str], series: Sequence[Series], *, gist: str
) -> Chart:
    """The bars of one label stand next to each other."""
    largest = max((value for one in series for value in one.values), default=0)
    ground = _Ground(len(labels), largest)
    bars = [
        ground.bar(
            at,
            value,
            f"{labels[at]}, {one.name}: {shown(value)}",
            part=(place, len(series)),
            tone=one.tone,
        )
        for place, one in enumerate(series)
        for at, value in enumerate(one.values)
        if value
    ]
    return _of_several(title, labels, series, gist=gist, ground=ground, bars=bars)


def _of_several(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    gist: str,
    ground: _Ground,
    bars: list[Bar],
) -> Chart:
    figures = zip(*(map(shown, one.values) for one in series), strict=True)
    rows = [(label, *values) for label, values in zip(labels, figures, strict=True)]
    keys = [(one.tone, one.name) for one in series]
    return Chart(title, gist, bars, ground.lines(), ground.labels(labels), rows, keys=keys)


class _Ground:
    """Where things of a chart stand that has so many labels, and ends above its largest value."""

    def __init__(self, number: int, largest: float) -> None:
        self.top = nice_top(largest)
        self.floor = HEIGHT - BOTTOM
        self.scale = (self.floor - TOP) / self.top
        self.slot = (WIDTH - LEFT) / max(number, 1)

    def bar(
        self,
        at: int,
        value: float,
        told: str,
        *,
        below: float = 0,
        part: tuple[int, int] = (0, 1),
        tone: str = "",
    ) -> Bar:
        width = self.slot * 0.7 / part[1]
        return Bar(
            x=_text(LEFT + at * self.slot + self.slot * 0.15 + width * part[0]),
            y=_text(self.floor - (below + value) * self.scale),
            width=_text(width),
            height=_text(value * self.scale),
            told=told,
            tone=tone,
        )

    def lines(self) -> list[Mark]:
        return [
            Mark(_text(self.floor - part * self.scale), shown(part))
            for part in (0, self.top / 2, self.top)
        ]

    def labels(self, labels: Sequence[str]) -> list[Mark]:
        every = -(-len(labels) // MOST_LABELS) or 1
        return [
            Mark(_text(LEFT + (at + 0.5) * self.slot), label)
            for at, label in enumerate(labels)
            if at % every == 0
        ]


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
