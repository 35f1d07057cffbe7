"""What waits for a feedback: dates and people, nothing that was written. Mails, reminders and loads ask it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import aliased

from supervision.cases.models import Case, CaseAssignment, CaseVersion, Withdrawal
from supervision.cases.queries import CLOCK, FACTS, is_unanswered, waited_for_since, with_everything
from supervision.db import db


def load_of(supervisor_ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """How many situations wait for the feedback of each of these people."""
    waiting = (
        select(CaseAssignment.supervisor_id, func.count())
        .join(CaseVersion, CaseVersion.case_id == CaseAssignment.case_id)
        .where(CaseAssignment.supervisor_id.in_(supervisor_ids), *is_unanswered())
        .group_by(CaseAssignment.supervisor_id)
    )
    return {row[0]: row[1] for row in db.session.execute(waiting)}


@dataclass(frozen=True)
class PostFacts:
    """What a mail about a case needs to know: dates and people, nothing that was written."""

    author_id: UUID
    supervisor_id: UUID
    for_this_case: bool
    version_id: UUID
    waits_since: datetime
    agreed_on: date | None
    asked_at: datetime | None
    submitted_at: datetime
    withdrawn_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None  # closed or purged
    opened_at: datetime | None
    assigned_at: datetime
    had_before: bool  # the present supervisor has received an earlier version


def post_facts(case_id: UUID, now: datetime) -> PostFacts:
    """Raises:
    LookupError: the case was never submitted, or is gone.
    """
    rows = _POST_FACTS.where(Case.id == case_id)
    row = db.session.execute(rows, {"now": now}).one_or_none()
    if row is None:
        raise LookupError("a mail about a case that was not submitted")
    return _post_facts(row)


_Earlier = aliased(CaseVersion, name="earlier_version")
_had_before = (
    exists()
    .where(_Earlier.case_id == CaseVersion.case_id, _Earlier.number < CaseVersion.number)
    .where(_Earlier.supervisor_id == CaseAssignment.supervisor_id)
    .where(~exists().where(Withdrawal.version_id == _Earlier.id).correlate(_Earlier))
    .correlate(CaseVersion, CaseAssignment)
)
_POST_FACTS: Select[*tuple[Any, ...]] = with_everything(
    select(
        Case.id,
        Case.author_id,
        CaseAssignment.supervisor_id,
        CaseAssignment.for_this_case,
        CaseVersion.id.label("version_id"),
        _had_before.label("had_before"),
        *FACTS,
        *CLOCK,
    )
).where(CaseVersion.id.is_not(None), CaseAssignment.id.is_not(None))


def _post_facts(row: Row[*tuple[Any, ...]]) -> PostFacts:
    since = waited_for_since(row)
    if since is None:
        raise LookupError("a submitted case without a date")
    return PostFacts(
        row.author_id,
        row.supervisor_id,
        row.for_this_case,
        row.version_id,
        since,
        row.agreed_on,
        row.asked_at,
        row.submitted_at,
        row.withdrawn_at,
        row.published_at,
        row.closed_at or row.purged_at,
        row.opened_at,
        row.assigned_at,
        row.had_before,
    )


def awaited(now: datetime) -> list[tuple[UUID, PostFacts]]:
    """(case, facts) of every situation that waits for its feedback."""
    rows = _POST_FACTS.where(*is_unanswered()).order_by(CaseVersion.submitted_at)
    return [(row.id, _post_facts(row)) for row in db.session.execute(rows, {"now": now})]
