"""Competences touched, quarter by quarter, and the picture of it. Counts of situations: no score, no total, no rank.

Lengths are units of the picture's own grid, which is as wide as a phone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

QUARTERS = 8  # two years
COLUMN, ROW, LABEL, BAR, AXIS = 40, 56, 18, 28, 34


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int  # 1 to 4

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def of_month(cls, month: str) -> Quarter | None:
        """Of "2026-03"; None for what is no month."""
        try:
            return cls.of(date.fromisoformat(f"{month}-01"))
        except ValueError:
            return None

    def before(self, count: int) -> Quarter:
        at = self.year * 4 + self.number - 1 - count
        return Quarter(at // 4, at % 4 + 1)

    @property
    def starts_on(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)


def latest(today: date) -> list[Quarter]:
    """The quarters that are shown, the present one last."""
    return [Quarter.of(today).before(past) for past in reversed(range(QUARTERS))]


@dataclass(frozen=True)
class Competence:
    key: str
    label: str
    hue: int  # 1 to 6


Counts = Counter[tuple[Quarter, str]]  # in how many situations of a quarter a competence was touched


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Line:
    """One competence: its label, where its ground is, and a bar for each quarter in which it was touched."""

    competence: Competence
    label_y: int
    ground: int
    bars: list[Bar]


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    lines: list[Line]
    quarters: list[tuple[int, Quarter]]  # the middle of each column


def picture(competences: Sequence[Competence], quarters: Sequence[Quarter], counts: Counts) -> Picture:
    """Bars of one scale for all, so that nothing looks larger than it is."""
    most = max(counts.values(), default=1)
    lines = [_line(row, competence, quarters, counts, most) for row, competence in enumerate(competences)]
    columns = [(column * COLUMN + COLUMN // 2, quarter) for column, quarter in enumerate(quarters)]
    return Picture(COLUMN * len(quarters), ROW * len(competences) + AXIS, lines, columns)


def _line(row: int, competence: Competence, quarters: Sequence[Quarter], counts: Counts, most: int) -> Line:
    ground = (row + 1) * ROW - (ROW - LABEL - BAR)
    bars = []
    for column, quarter in enumerate(quarters):
        count = counts[quarter, competence.key]
        if count:
            height = max(4, BAR * count // most)
            bars.append(Bar(column * COLUMN + 6, ground - height, height))
    return Line(competence, row * ROW + LABEL - 5, ground, bars)


@dataclass(frozen=True)
class Told:
    """The row of one quarter in the table beside the picture, in the order of the form."""

    quarter: Quarter
    touched: list[tuple[Competence, int]]


def table(competences: Sequence[Competence], quarters: Iterable[Quarter], counts: Counts) -> list[Told]:
    """The quarters in which something was touched, the present one first."""
    rows = (Told(one, [(c, counts[one, c.key]) for c in competences if counts[one, c.key]]) for one in quarters)
    return [row for row in reversed(list(rows)) if row.touched]
