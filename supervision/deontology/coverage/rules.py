"""When the next reminder leaves, and the picture of signatures over time.

Lengths are units of the picture's own grid, which is as wide as a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from supervision.deontology.announcing.rules import BEFORE_THE_END
from supervision.deontology.consequences.rules import Duty

MOST_COLUMNS = 13
WIDTH, HEIGHT, HEAD, FOOT = 320, 150, 22, 24
WEEK = timedelta(days=7)

STATUSES = ("settled", "grace", "first", "late", "hidden", "exempt")  # of a version that is to be signed
MINOR_STATUSES = ("settled", "informed", "unanswered")  # of one of which people are informed


def week_ends(since: date, until: date) -> list[date]:
    """The last days of the weeks from one day to another, the last day itself included: at most thirteen of them.

    After a quarter they are every second week, after two every fourth: always as many weeks between two of them.
    """
    weeks = max(1, -(-((until - since).days + 1) // 7))
    step = -(-weeks // MOST_COLUMNS)
    ends = [since + WEEK * step * (number + 1) - timedelta(days=1) for number in range(-(-weeks // step))]
    return [*ends[:-1], until]


@dataclass(frozen=True)
class Column:
    on: date
    count: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    bar: int  # how wide a column is
    ground: int
    ceiling: int  # where the line of all who are asked is
    asked: int
    columns: list[Column]


def picture(counts: Sequence[tuple[date, int]], asked: int) -> Picture:
    """Bars from nobody to everyone who is asked."""
    most = max([asked, 1, *(count for _, count in counts)])
    ground, wide = HEIGHT - FOOT, WIDTH // max(len(counts), 1)
    room = ground - HEAD
    columns = []
    for place, (on, count) in enumerate(counts):
        height = max(2, room * count // most) if count else 0
        columns.append(Column(on, count, place * wide + 2, ground - height, height))
    return Picture(WIDTH, HEIGHT, max(3, min(wide - 4, 40)), ground, ground - room * asked // most, asked, columns)


def next_reminder(duty: Duty, today: date) -> date | None:
    """The day on which somebody is written to next (`announcing.rules`); None if nothing more is planned."""
    if not duty.is_asked or duty.grace_ends_on is None:
        return None
    ended_on = duty.grace_ends_on + timedelta(days=1)
    ending_on = duty.grace_ends_on - timedelta(days=BEFORE_THE_END)
    planned = [ended_on] if duty.answer == "refused" else [ending_on, ended_on]
    return next((day for day in planned if day > today), None)
