"""Planning: every room says which messages should exist by now; those that do not yet are put in the outbox."""

from __future__ import annotations

from datetime import datetime

from supervision.cases import reminders as cases
from supervision.cases.retention import reminders as retention
from supervision.deontology.announcing import reminders as texts
from supervision.outbox import actions as outbox

ROOMS = (cases.due, retention.due, texts.due)


def plan(*, now: datetime) -> int:
    """Put what is due in the outbox and return how many mails are new. Running it again adds nothing."""
    planned = (message for due in ROOMS for message in due(now))
    return sum(
        outbox.put(
            key=message.key,
            kind=message.kind,
            person_id=message.person_id,
            subject_id=message.subject_id,
            now=now,
            **message.facts,
        )
        for message in planned
    )
