"""Arithmetic of a case: what is missing, when a feedback is awaited and recalled, which readings are one sitting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.rules import REMINDER_STAGES, awaited_at, missing, reminder_stage, sittings, waits_since

T0 = datetime(2026, 11, 2, 9, tzinfo=UTC)
DUE = T0 + timedelta(days=14)


def test_the_supervisor_is_waited_for_since_the_last_thing_the_author_sent() -> None:
    later = T0 + timedelta(days=3)
    assert [waits_since(T0, None), waits_since(T0, later), waits_since(later, T0)] == [T0, later, later]


def test_a_feedback_is_awaited_by_the_target_or_by_the_end_of_the_announced_day() -> None:
    announced = awaited_at(since=T0, target_days=14, agreed_on=date(2026, 11, 30))
    assert awaited_at(since=T0, target_days=14, agreed_on=None) == DUE
    assert announced == datetime(2026, 12, 1, tzinfo=UTC)


def test_missing_fields_come_in_the_order_of_the_form() -> None:
    fields = {"title": "", "account": "x", "question_1": None, "pseudonyms": False}
    assert missing(fields, ("title", "account", "question_1", "pseudonyms")) == ["title", "question_1", "pseudonyms"]


@pytest.mark.parametrize(
    ("waited", "stage"),
    [
        (timedelta(days=10) - timedelta(seconds=1), None),
        (timedelta(days=10), -4),
        (timedelta(days=14) - timedelta(seconds=1), -4),
        (timedelta(days=14), 0),
        (timedelta(days=20, hours=23), 0),
        (timedelta(days=21), 7),
        (timedelta(days=400), 7),
    ],
)
def test_a_late_feedback_reaches_its_stages_to_the_second(waited: timedelta, stage: int | None) -> None:
    assert reminder_stage(awaited_at=DUE, now=T0 + waited) == stage


@given(st.timedeltas(min_value=timedelta(days=-5), max_value=timedelta(days=100)))
def test_the_stage_is_the_latest_that_is_reached(waited: timedelta) -> None:
    stage = reminder_stage(awaited_at=DUE, now=T0 + waited)
    assert stage == max((days for days in REMINDER_STAGES if timedelta(days=14 + days) <= waited), default=None)


ONE, OTHER = UUID(int=1), UUID(int=2)


def reading(minutes: int, who: UUID = ONE, what: str = "situation") -> SimpleNamespace:
    at = datetime(2026, 11, 22, 18, tzinfo=UTC) - timedelta(minutes=minutes)
    return SimpleNamespace(reader_id=who, what=what, read_at=at)


def test_an_evening_of_readings_without_an_hours_pause_is_one_sitting() -> None:
    evening = [reading(minutes) for minutes in range(0, 200, 10)]
    assert sittings(evening) == evening[:1]
    assert sittings([reading(0), reading(59), reading(118)]) == [reading(0)]
    assert sittings([reading(0), reading(60), reading(120)]) == [reading(0), reading(60), reading(120)]


def test_each_person_and_what_she_reads_has_sittings_of_its_own_however_they_alternate() -> None:
    read = [reading(0), reading(1, what="feedback"), reading(20, OTHER), reading(40), reading(70, OTHER), reading(90)]
    read += [reading(151), reading(160, OTHER)]
    assert sittings(read) == [read[0], read[1], read[2], read[6], read[7]]


def test_no_reading_is_no_sitting() -> None:
    assert sittings([]) == []
