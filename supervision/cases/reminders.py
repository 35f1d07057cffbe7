"""Which messages about cases should exist by now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from supervision.cases import queries
from supervision.cases.rules import REMINDER_DAYS, reminder_stage
from supervision.outbox.rules import Planned


def due(now: datetime) -> Iterator[Planned]:
    """A late feedback is recalled to the supervisor after 10, 14 and 21 days: the latest stage reached, once."""
    earliest = now - timedelta(days=REMINDER_DAYS[0])
    for case_id, version_id, supervisor_id, submitted_at in queries.unanswered_versions(earliest):
        days = reminder_stage(submitted_at=submitted_at, now=now)
        if days is not None:
            yield Planned(
                key=f"feedback-due/{version_id}/{days}d",
                kind="feedback-due",
                person_id=supervisor_id,
                subject_id=case_id,
                facts={"days": days},
            )
