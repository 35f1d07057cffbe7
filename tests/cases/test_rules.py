"""Arithmetic of a case: its state, what is missing, when a late feedback is recalled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.rules import REMINDER_DAYS, CaseFacts, missing, reminder_stage, sittings, state

T0 = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAYS = [T0 + timedelta(days=n) for n in range(5)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (CaseFacts(), "draft"),
        (CaseFacts(submitted_at=T0), "submitted"),
        (CaseFacts(submitted_at=T0, opened_at=T0), "being-read"),
        (CaseFacts(submitted_at=T0, published_at=T0), "published"),  # published without having been opened
        (CaseFacts(submitted_at=T0, opened_at=T0, published_at=T0), "published"),
        (CaseFacts(submitted_at=T0, opened_at=T0, published_at=T0, read_at=T0), "read"),
        (CaseFacts(submitted_at=T0, opened_at=T0, published_at=T0, read_at=T0, answered_at=T0), "answered"),
        (CaseFacts(submitted_at=T0, published_at=T0, answered_at=T0), "answered"),
    ],
)
def test_the_state_follows_from_the_dates(facts: CaseFacts, expected: str) -> None:
    assert state(facts) == expected


@given(st.integers(0, 5))
def test_the_state_only_ever_moves_forward(steps: int) -> None:
    order = ["draft", "submitted", "being-read", "published", "read", "answered"]
    dates = [day if n < steps else None for n, day in enumerate(DAYS)]
    assert state(CaseFacts(*dates)) == order[steps]


def test_missing_fields_come_in_the_order_of_the_form() -> None:
    fields = {"title": "", "account": "x", "question_1": None, "pseudonyms": False}
    assert missing(fields, ("title", "account", "question_1", "pseudonyms")) == ["title", "question_1", "pseudonyms"]


@pytest.mark.parametrize(
    ("waited", "stage"),
    [
        (timedelta(days=10) - timedelta(seconds=1), None),
        (timedelta(days=10), 10),
        (timedelta(days=14) - timedelta(seconds=1), 10),
        (timedelta(days=14), 14),
        (timedelta(days=20, hours=23), 14),
        (timedelta(days=21), 21),
        (timedelta(days=400), 21),
    ],
)
def test_a_late_feedback_reaches_its_stages_to_the_second(waited: timedelta, stage: int | None) -> None:
    assert reminder_stage(submitted_at=T0, now=T0 + waited) == stage


@given(st.timedeltas(min_value=timedelta(days=-5), max_value=timedelta(days=100)))
def test_the_stage_is_the_latest_that_is_reached(waited: timedelta) -> None:
    stage = reminder_stage(submitted_at=T0, now=T0 + waited)
    assert stage == max((days for days in REMINDER_DAYS if timedelta(days=days) <= waited), default=None)


ONE, OTHER = UUID(int=1), UUID(int=2)


def reading(minutes: int, who: UUID = ONE, what: str = "situation") -> SimpleNamespace:
    at = datetime(2026, 11, 22, 18, tzinfo=UTC) - timedelta(minutes=minutes)
    return SimpleNamespace(reader_id=who, what=what, read_at=at)


def test_readings_of_one_person_within_an_hour_are_one_sitting() -> None:
    read = [reading(0), reading(5), reading(60), reading(61), reading(62, OTHER), reading(63)]
    read.append(reading(64, what="feedback"))
    assert [(line.read_at, line.what, count) for line, count in sittings(read)] == [
        (read[0].read_at, "situation", 3),
        (read[3].read_at, "situation", 1),
        (read[4].read_at, "situation", 1),
        (read[5].read_at, "situation", 1),
        (read[6].read_at, "feedback", 1),
    ]


def test_no_reading_is_no_sitting() -> None:
    assert sittings([]) == []
