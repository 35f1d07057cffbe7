"""The line that says who can read a situation: every page that shows one carries it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supervision.cases.readers import BrokenGlass, Opening, Reader, readers

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
OPENING = Opening("Groupe du jeudi", NOW - HOUR, NOW + HOUR, cancelled_at=None, author_has_seat=True)
GLASS = BrokenGlass(("Paul Weber", "Mira Lang"), NOW - HOUR, NOW + HOUR, ended_at=None)
ANA, SAM = Reader("author", "Ana"), Reader("supervisor", "Sam")
SESSION = Reader("session", "Groupe du jeudi", OPENING.opens_at, OPENING.closes_at)
PAUL, MIRA = (Reader("break-glass", name, GLASS.confirmed_at, GLASS.until) for name in GLASS.names)


def of(
    supervisor: str | None = "Sam",
    opening: Opening | None = None,
    broken: tuple[BrokenGlass, ...] = (),
    *,
    is_submitted: bool = True,
) -> list[Reader]:
    return readers(
        author="Ana", supervisor=supervisor, opening=opening, broken=broken, is_submitted=is_submitted, now=NOW
    )


def test_a_draft_is_read_by_its_author_whatever_was_chosen_already() -> None:
    assert of(opening=OPENING, broken=(GLASS,), is_submitted=False) == [ANA]


def test_a_submitted_situation_is_read_by_author_and_supervisor() -> None:
    assert of() == [ANA, SAM]


def test_without_a_running_agreement_the_author_is_alone() -> None:
    assert of(supervisor=None) == [ANA]


def test_everyone_is_named_in_order_with_the_end_of_what_ends() -> None:
    assert of(opening=OPENING, broken=(GLASS,)) == [ANA, SAM, SESSION, PAUL, MIRA]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"opens_at": NOW + SECOND}, True),  # to come: said beforehand
        ({"closes_at": NOW + SECOND}, True),
        ({"closes_at": NOW}, False),
        ({"cancelled_at": NOW}, False),
        ({"author_has_seat": False}, False),
    ],
)
def test_a_session_is_named_until_it_can_no_longer_be_read_on_its_account(
    changes: dict[str, object], named: bool
) -> None:
    opening = replace(OPENING, **changes)  # type: ignore[arg-type]
    assert [reader.kind for reader in of(opening=opening)] == ["author", "supervisor"] + ["session"] * named


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"confirmed_at": None, "until": None}, False),  # one has asked, nobody has confirmed
        ({"confirmed_at": NOW}, True),
        ({"until": NOW + SECOND}, True),
        ({"until": NOW}, False),
        ({"ended_at": NOW}, False),
    ],
)
def test_who_was_let_in_is_named_as_long_as_it_lasts(changes: dict[str, object], named: bool) -> None:
    glass = replace(GLASS, **changes)  # type: ignore[arg-type]
    assert [reader.kind for reader in of(broken=(glass,))] == ["author", "supervisor"] + ["break-glass"] * 2 * named
