"""The states of an exception, and how a case is named to the committee: plain arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.break_glass.rules import GlassDates, read_reference, reference_of, state

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        (GlassDates(NOW), "asked"),
        (GlassDates(NOW - 7 * DAY + SECOND), "asked"),
        (GlassDates(NOW - 7 * DAY), "void"),
        (GlassDates(NOW - HOUR, declined_at=NOW), "declined"),
        (GlassDates(NOW - HOUR, confirmed_at=NOW, until=NOW + HOUR), "open"),
        (GlassDates(NOW - DAY, confirmed_at=NOW - HOUR, until=NOW + SECOND), "open"),
        (GlassDates(NOW - DAY, confirmed_at=NOW - HOUR, until=NOW), "over"),  # the end itself is no longer open
        (GlassDates(NOW - DAY, confirmed_at=NOW - HOUR, until=NOW + HOUR, ended_at=NOW), "ended"),
    ],
)
def test_a_request_is_in_one_state(dates: GlassDates, found: str) -> None:
    assert state(dates, NOW) == found


@given(st.uuids())
def test_a_reference_leads_back_to_its_case_however_it_is_typed(case_id: UUID) -> None:
    reference = reference_of(case_id)
    address = f"https://x.example/situations/{case_id}#retour"
    typed = (reference, reference.lower(), reference.replace("-", " "), reference.replace("0", "o"), address)
    assert {read_reference(text) for text in typed} == {case_id}


def test_a_reference_is_five_groups_without_look_alikes() -> None:
    reference = reference_of(UUID("01a20451-4e40-7afe-aa91-09f6f51555ab"))
    assert [len(group) for group in reference.split("-")] == [5, 5, 5, 5, 6]
    assert not set(reference) & set("ILOU")


@pytest.mark.parametrize("text", ["", "x", "7" * 25, "7" * 27, "U" * 26, "Z" * 26, "é" * 26, "-" * 26])
def test_what_is_no_reference_is_nobody(text: str) -> None:
    assert read_reference(text) is None
