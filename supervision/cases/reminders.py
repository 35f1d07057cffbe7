"""Which messages about cases should exist by now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from supervision.association.queries import the_association
from supervision.cases.awaited import queries
from supervision.cases.rules import awaited_at, reminder_stage
from supervision.outbox.rules import Planned


def due(now: datetime) -> Iterator[Planned]:
    """A feedback is recalled to the supervisor before, on and after its day: the latest stage reached, once.

    Nobody is reminded while the author is the one who is waited for. Another day, another series.
    """
    association = the_association()
    if association is None:
        return
    for case_id, facts in queries.awaited(now):
        if facts.asked_at is not None:
            continue
        at = awaited_at(
            since=facts.waits_since, target_days=association.feedback_target_days, agreed_on=facts.agreed_on
        )
        stage = reminder_stage(awaited_at=at, now=now)
        if stage is not None:
            day = at.date().isoformat()
            yield Planned(
                key=f"feedback-due/{facts.version_id}/{facts.supervisor_id}/{day}/{stage:+d}d",
                kind="feedback-due",
                person_id=facts.supervisor_id,
                subject_id=case_id,
                facts={"stage": stage, "awaited_on": day},
            )
