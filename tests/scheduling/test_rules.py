"""When a group session takes place and when its situations can be read: arithmetic on clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.scheduling.rules import (
    HORIZON,
    READING_MOST,
    EndsBeforeStart,
    InThePast,
    NoSuchTime,
    SessionFacts,
    SessionRefused,
    SessionTimes,
    TooFarAhead,
    at_wall_clock,
    check_ahead,
    may_cancel,
    may_change,
    may_join,
    reading_days,
    state,
    times,
)

PARIS, MONTREAL, LORD_HOWE = ZoneInfo("Europe/Paris"), ZoneInfo("America/Toronto"), ZoneInfo("Australia/Lord_Howe")
SECOND = timedelta(seconds=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


# --- from the clock on the wall to instants ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "shown", "instant"),
    [
        (PARIS, date(2026, 11, 26), time(18, 0), utc(2026, 11, 26, 17)),
        (PARIS, date(2026, 7, 2), time(18, 0), utc(2026, 7, 2, 16)),
        (MONTREAL, date(2026, 11, 26), time(18, 0), utc(2026, 11, 26, 23)),
        (PARIS, date(2026, 3, 29), time(1, 59), utc(2026, 3, 29, 0, 59)),
        (PARIS, date(2026, 3, 29), time(3, 0), utc(2026, 3, 29, 1)),  # the next minute
        (PARIS, date(2026, 10, 25), time(2, 30), utc(2026, 10, 25, 0, 30)),  # twice on that day: the first
        (LORD_HOWE, date(2026, 4, 5), time(1, 45), utc(2026, 4, 4, 14, 45)),  # clocks go back by half an hour
    ],
)
def test_a_clock_on_the_wall_names_an_instant(zone: ZoneInfo, day: date, shown: time, instant: datetime) -> None:
    assert at_wall_clock(day, shown, zone) == instant


@pytest.mark.parametrize(
    ("zone", "day", "shown"),
    [
        (PARIS, date(2026, 3, 29), time(2, 0)),
        (PARIS, date(2026, 3, 29), time(2, 30)),
        (MONTREAL, date(2026, 3, 8), time(2, 59)),
        (LORD_HOWE, date(2026, 10, 4), time(2, 15)),
    ],
)
def test_a_time_that_clocks_skip_is_refused(zone: ZoneInfo, day: date, shown: time) -> None:
    with pytest.raises(NoSuchTime):
        at_wall_clock(day, shown, zone)


def test_the_window_opens_a_week_before_and_closes_two_days_after_at_the_same_time_of_day() -> None:
    made = times(day=date(2026, 11, 26), begins=time(18), ends=time(20, 30), zone=PARIS)
    assert made == SessionTimes(
        starts_at=utc(2026, 11, 26, 17),
        ends_at=utc(2026, 11, 26, 19, 30),
        opens_at=utc(2026, 11, 19, 17),
        closes_at=utc(2026, 11, 28, 19, 30),
    )


def test_the_window_keeps_the_time_of_day_when_clocks_change_inside_it() -> None:
    made = times(day=date(2026, 3, 31), begins=time(18), ends=time(20), zone=PARIS)
    assert (made.opens_at, made.starts_at) == (utc(2026, 3, 24, 17), utc(2026, 3, 31, 16))
    assert reading_days(made) == (7, 2)


def test_a_window_that_would_open_at_a_time_that_clocks_skip_opens_as_they_go_forward() -> None:
    made = times(day=date(2026, 4, 5), begins=time(2, 30), ends=time(4), zone=PARIS)
    assert made.opens_at == utc(2026, 3, 29, 1, 30)


@pytest.mark.parametrize(
    ("begins", "ends", "refusal"),
    [
        (time(18), time(18), EndsBeforeStart),
        (time(18), time(17, 59), EndsBeforeStart),
        (time(22), time(0, 30), EndsBeforeStart),
        (time(2, 30), time(4), NoSuchTime),
        (time(1), time(2, 30), NoSuchTime),
    ],
)
def test_times_that_make_no_session_are_refused(begins: time, ends: time, refusal: type[SessionRefused]) -> None:
    with pytest.raises(refusal):
        times(day=date(2026, 3, 29), begins=begins, ends=ends, zone=PARIS)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1999, 12, 31), date(3000, 1, 1), date(9999, 12, 31)])
def test_a_year_of_another_age_is_refused_before_calendars_end(day: date) -> None:
    with pytest.raises(TooFarAhead):
        times(day=day, begins=time(18), ends=time(20), zone=PARIS)


NOW = utc(2026, 11, 22, 12)


def lasting_from(starts_at: datetime) -> SessionTimes:
    hour, day = timedelta(hours=1), timedelta(days=1)
    return SessionTimes(starts_at, starts_at + 2 * hour, starts_at - 7 * day, starts_at + 2 * hour + 2 * day)


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (NOW - SECOND, InThePast),
        (NOW, InThePast),
        (NOW + SECOND, None),
        (NOW + HORIZON, None),
        (NOW + HORIZON + SECOND, TooFarAhead),
    ],
)
def test_one_plans_ahead_and_not_too_far(starts_at: datetime, refusal: type[SessionRefused] | None) -> None:
    try:
        check_ahead(lasting_from(starts_at), NOW)
        met = None
    except SessionRefused as found:
        met = type(found)
    assert met is refusal


ZONES = st.sampled_from(["Europe/Paris", "America/Toronto", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kolkata"])
MINUTES = st.integers(0, 24 * 60 - 1)
WINDOW_DAYS = st.integers(0, READING_MOST)


@given(ZONES, st.dates(date(2026, 1, 1), date(2028, 12, 31)), MINUTES, MINUTES, WINDOW_DAYS, WINDOW_DAYS)
def test_every_session_that_is_made_lies_inside_its_window_and_gives_back_what_was_typed(
    name: str, day: date, begins: int, ends: int, before: int, after: int
) -> None:
    zone, shown = ZoneInfo(name), [time(*divmod(minutes, 60)) for minutes in (begins, ends)]
    try:
        made = times(day=day, begins=shown[0], ends=shown[1], zone=zone, before=before, after=after)
    except SessionRefused:
        return
    assert made.opens_at <= made.starts_at < made.ends_at <= made.closes_at
    local = made.starts_at.astimezone(zone), made.ends_at.astimezone(zone)
    assert [(at.date(), at.timetz().replace(tzinfo=None)) for at in local] == [(day, at) for at in shown]
    assert reading_days(made) == (before, after)


# --- what a session is, and what may still be done --------------------------------------------------------------------

TIMES = lasting_from(NOW)


@pytest.mark.parametrize(
    ("at", "is_in", "allowed"),
    [
        (TIMES.opens_at - SECOND, "to-come", {"change", "cancel", "join"}),
        (TIMES.opens_at, "open", {"change", "cancel", "join"}),
        (TIMES.starts_at - SECOND, "open", {"change", "cancel", "join"}),
        (TIMES.starts_at, "open", {"cancel", "join"}),
        (TIMES.ends_at - SECOND, "open", {"cancel", "join"}),
        (TIMES.ends_at, "open", {"cancel"}),
        (TIMES.closes_at - SECOND, "open", {"cancel"}),
        (TIMES.closes_at, "closed", set()),
    ],
)
def test_what_a_session_is_and_allows_at_each_turn(at: datetime, is_in: str, allowed: set[str]) -> None:
    verbs = {"change": may_change, "cancel": may_cancel, "join": may_join}
    kept, cancelled = SessionFacts(TIMES, None), SessionFacts(TIMES, NOW)
    assert (state(kept, at), {verb for verb, may in verbs.items() if may(kept, at)}) == (is_in, allowed)
    assert (state(cancelled, at), {verb for verb, may in verbs.items() if may(cancelled, at)}) == ("cancelled", set())
