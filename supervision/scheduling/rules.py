"""Group sessions: when they take place, when they are open for reading, and what is refused.

Times are given as a clock on the wall shows them in the supervisor's own zone; everything after that is instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

READING_BEFORE = 7  # days from the opening of the window to the start, unless the supervisor says otherwise
READING_AFTER = 2  # days from the end to the closing of the window
READING_MOST = 30  # days on either side
HORIZON = timedelta(days=732)  # nobody plans further ahead; a mistyped year does
YEARS = range(2000, 3000)  # calendars end somewhere, and arithmetic on days with them


class SessionRefused(Exception):
    """An act on a group session that the rules do not allow."""


class NoSuchTime(SessionRefused):
    """Clocks skip this time on that day, in this zone."""


class EndsBeforeStart(SessionRefused):
    """The end is not after the beginning on the same day."""


class InThePast(SessionRefused):
    """The session would have begun already."""


class TooFarAhead(SessionRefused):
    """The day lies beyond the horizon, or in no time to speak of."""


class Overlaps(SessionRefused):
    """The supervisor leads another session at that time."""


class NotNow(SessionRefused):
    """The session has begun, is over or is cancelled: this act comes too late."""


class NotAParticipant(SessionRefused):
    """The person cannot take a seat: she leads the session, or does not practise."""


@dataclass(frozen=True)
class SessionTimes:
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime  # excluded


@dataclass(frozen=True)
class SessionFacts:
    times: SessionTimes
    cancelled_at: datetime | None


def at_wall_clock(day: date, clock_time: time, zone: ZoneInfo) -> datetime:
    """The instant at which a clock in this zone shows this; the first of the two when clocks are put back.

    Raises:
        NoSuchTime: clocks are put forward over it.
    """
    if is_skipped(day, clock_time, zone):
        raise NoSuchTime
    return datetime.combine(day, clock_time, zone).astimezone(UTC)


def is_skipped(day: date, clock_time: time, zone: ZoneInfo) -> bool:
    """True if clocks are put forward over this time on that day."""
    shown = datetime.combine(day, clock_time, zone)
    return shown.astimezone(UTC).astimezone(zone).time() != clock_time


def times(
    *,
    day: date,
    begins: time,
    ends: time,
    zone: ZoneInfo,
    before: int = READING_BEFORE,
    after: int = READING_AFTER,
) -> SessionTimes:
    """A session and its window, which opens and closes as many days before and after, at the same time of day.

    Raises:
        TooFarAhead, EndsBeforeStart, NoSuchTime: each says what is wrong.
    """
    if day.year not in YEARS:
        raise TooFarAhead
    starts_at, ends_at = at_wall_clock(day, begins, zone), at_wall_clock(day, ends, zone)
    if ends_at <= starts_at:
        raise EndsBeforeStart
    return SessionTimes(
        starts_at=starts_at,
        ends_at=ends_at,
        opens_at=_shifted(day, begins, -before, zone),
        closes_at=_shifted(day, ends, after, zone),
    )


def _shifted(day: date, clock_time: time, days: int, zone: ZoneInfo) -> datetime:
    """A window may open at a time that clocks skip: then it does so as they are put forward."""
    return datetime.combine(day + timedelta(days=days), clock_time, zone).astimezone(UTC)


def check_ahead(given: SessionTimes, now: datetime) -> None:
    """Raises:
    InThePast, TooFarAhead: the session is not in the time for which one plans.
    """
    if given.starts_at <= now:
        raise InThePast
    if given.starts_at > now + HORIZON:
        raise TooFarAhead


def reading_days(given: SessionTimes) -> tuple[int, int]:
    """How many days the window opens before and closes after, as the form asks for them."""
    day = timedelta(days=1)  # rounded: the clocks may have changed in between
    return round((given.starts_at - given.opens_at) / day), round((given.closes_at - given.ends_at) / day)


def state(facts: SessionFacts, now: datetime) -> str:
    """'cancelled', 'to-come' (nothing can be read yet), 'open' (its situations can be read) or 'closed'."""
    if facts.cancelled_at is not None:
        return "cancelled"
    if now < facts.times.opens_at:
        return "to-come"
    return "open" if now < facts.times.closes_at else "closed"


def may_change(facts: SessionFacts, now: datetime) -> bool:
    """Until it begins: what has taken place is not moved."""
    return facts.cancelled_at is None and now < facts.times.starts_at


def may_cancel(facts: SessionFacts, now: datetime) -> bool:
    """Until the window closes: that it did not take place may be said afterwards, and ends the reading."""
    return facts.cancelled_at is None and now < facts.times.closes_at


def may_join(facts: SessionFacts, now: datetime) -> bool:
    """Until it ends: a late joiner does not read what was worked on without her."""
    return facts.cancelled_at is None and now < facts.times.ends_at
