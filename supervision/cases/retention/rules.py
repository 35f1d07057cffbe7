"""How long a closed case is kept, what moves that day, and when its author is told. Days are the association's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from supervision.association.rules import months_after

LONGEST_HOLD = 12  # months ahead: renewed as often as one likes, so that somebody thinks of it once a year
STAGES = (-30, -7)  # days from the purge
AT_LEAST = timedelta(days=7)  # between a notice and the purge it announces, however late the notice was


class HoldRefused(Exception):
    """The case cannot be kept until then."""


class TooEarly(HoldRefused):
    """The case is kept longer than that without being held."""


class TooLate(HoldRefused):
    """The day is too far ahead: one holds for a year, and again."""


@dataclass(frozen=True)
class Held:
    """One hold: until when it was meant, and when it was lifted."""

    until_on: date | None
    lifted_on: date | None = None

    @property
    def ends_on(self) -> date | None:
        """The day up to which it holds the case; None: it has no end."""
        if self.lifted_on is None:
            return self.until_on
        return min(self.lifted_on, self.until_on or self.lifted_on)


def purge_on(closed_on: date, months: int, holds: Iterable[Held] = ()) -> date | None:
    """The first day on which the case may be purged; None while it is held without an end.

    A hold that was lifted has held until then: whoever lifts one late gets her notices anew.
    """
    day = months_after(closed_on, months)
    for hold in holds:
        if hold.ends_on is None:
            return None
        day = max(day, hold.ends_on)
    return day


def notice_stage(day: date, today: date) -> int | None:
    """The latest stage reached, in days from the purge: after an outage the earlier one is not made up for."""
    return max((stage for stage in STAGES if today >= day + timedelta(days=stage)), default=None)


def latest_hold(closed_on: date, months: int, today: date) -> date:
    """Up to which day the author may keep a case: a year beyond the day of the rules or, later on, of today."""
    return months_after(max(today, months_after(closed_on, months)), LONGEST_HOLD)


def check_hold(until_on: date, *, due_on: date, latest_on: date) -> None:
    """Raises:
    TooEarly: it is kept longer than that anyway.
    TooLate: it would be forgotten.
    """
    if until_on <= due_on:
        raise TooEarly
    if until_on > latest_on:
        raise TooLate
