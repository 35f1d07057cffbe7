"""Whoever wrote a closed case is told thirty and seven days before it is destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from supervision.association.queries import the_association
from supervision.cases.retention import queries
from supervision.outbox.rules import Planned


def due(now: datetime) -> Iterator[Planned]:
    """The latest stage reached, once for each day the purge may fall on: another day, another series."""
    association = the_association()
    if association is None:
        return
    today = association.day_of(now)
    for kept in queries.near_purge(association, now):
        stage = queries.stage_of(kept, today)
        if stage is not None:
            yield Planned(
                key=queries.notice_key(kept, stage),
                kind=queries.NOTICE,
                person_id=kept.author_id,
                subject_id=kept.case_id,
                facts={"stage": stage, "purge_on": str(kept.purge_on)},
            )
