"""How long a closed case is kept, as plain arithmetic."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from supervision.association.rules import months_after
from supervision.cases.retention.rules import (
    Held,
    HoldRefused,
    TooEarly,
    TooLate,
    check_hold,
    latest_hold,
    notice_stage,
    purge_on,
)

CLOSED = date(2024, 11, 22)
DUE = date(2026, 11, 22)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 22), 24, date(2028, 11, 22)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, after: date) -> None:
    assert months_after(day, months) == after


@pytest.mark.parametrize(
    ("holds", "day"),
    [
        ([], DUE),
        ([Held(DUE + 30 * DAY)], DUE + 30 * DAY),
        ([Held(DUE - 30 * DAY)], DUE),  # kept longer anyway
        ([Held(None)], None),
        ([Held(DUE + 9 * DAY), Held(None)], None),
        ([Held(DUE + 9 * DAY), Held(DUE + 5 * DAY)], DUE + 9 * DAY),
        ([Held(None, lifted_on=DUE - DAY)], DUE),
        ([Held(None, lifted_on=DUE + 90 * DAY)], DUE + 90 * DAY),  # it has held until then
        ([Held(DUE + 90 * DAY, lifted_on=DUE - DAY)], DUE),
        ([Held(DUE + 30 * DAY, lifted_on=DUE + 60 * DAY)], DUE + 30 * DAY),  # it had ended by itself
    ],
)
def test_a_hold_moves_the_day_and_one_without_an_end_takes_it_away(holds: list[Held], day: date | None) -> None:
    assert purge_on(CLOSED, 24, holds) == day


@pytest.mark.parametrize(("before", "stage"), [(31, None), (30, -30), (8, -30), (7, -7), (0, -7), (-400, -7)])
def test_the_latest_stage_reached_is_the_one_that_counts(before: int, stage: int | None) -> None:
    assert notice_stage(DUE, DUE - before * DAY) == stage


@pytest.mark.parametrize(
    ("until_on", "refused"),
    [
        (DUE, TooEarly),
        (DUE + DAY, None),
        (date(2027, 11, 22), None),
        (date(2027, 11, 23), TooLate),
        (date(9999, 12, 31), TooLate),
    ],
)
def test_one_keeps_a_case_for_a_year_beyond_its_day(until_on: date, refused: type[HoldRefused] | None) -> None:
    latest_on = latest_hold(CLOSED, 24, today=date(2026, 1, 1))
    found: type[HoldRefused] | None = None
    try:
        check_hold(until_on, due_on=DUE, latest_on=latest_on)
    except HoldRefused as error:
        found = type(error)
    assert found is refused


def test_once_the_day_is_past_a_year_counts_from_today() -> None:
    assert latest_hold(CLOSED, 24, today=date(2027, 3, 1)) == date(2028, 3, 1)
