"""Putting mails in the outbox, in the transaction of the fact they follow from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update

from supervision.db import db, insert
from supervision.ids import new_id
from supervision.outbox.models import Heartbeat, OutboxMail


def put(
    *,
    key: str,
    kind: str,
    person_id: UUID,
    subject_id: UUID,
    now: datetime,
    due_at: datetime | None = None,
    **facts: Any,
) -> bool:
    """Add a mail unless its key is there already. True if it is new. It leaves at once, or from `due_at` on."""
    row = {
        "id": new_id(),
        "key": key,
        "kind": kind,
        "person_id": person_id,
        "subject_id": subject_id,
        "facts": facts,
        "created_at": now,
        "due_at": due_at or now,
        "attempts": 0,
    }
    added = insert(OutboxMail).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(OutboxMail.id)
    is_new = db.session.scalar(added) is not None
    if is_new:
        db.session.info["mail_is_new"] = True  # the edge rings the bell once this is committed
    return is_new


def retry(*, mail_id: UUID, now: datetime) -> bool:
    """Give a mail that had failed for good five new attempts. False if it is not in that state."""
    return _revive(now, OutboxMail.id == mail_id) == 1


def retry_all(*, now: datetime) -> int:
    """Give every mail that had failed for good five new attempts. Returns how many there were."""
    return _revive(now)


def _revive(now: datetime, *conditions: ColumnElement[bool]) -> int:
    revived = (
        update(OutboxMail)
        .where(OutboxMail.failed_at.is_not(None), *conditions)
        .values(failed_at=None, attempts=0, due_at=now, claim=None, claimed_until=None)
        .returning(OutboxMail.id)
    )
    count = len(db.session.scalars(revived).all())
    if count:
        db.session.info["mail_is_new"] = True
    return count


def unskip(*, subject_id: UUID, because: str, since: datetime, now: datetime) -> int:
    """Let mails leave after all that were skipped since then for a reason that is gone. Returns how many there are.

    They are composed anew: one that has become pointless for another reason is skipped again.
    """
    skipped = update(OutboxMail).where(OutboxMail.subject_id == subject_id, OutboxMail.skipped_because == because)
    again = {"skipped_at": None, "skipped_because": None, "due_at": now, "claim": None, "claimed_until": None}
    revived = skipped.where(OutboxMail.skipped_at >= since).values(**again).returning(OutboxMail.id)
    count = len(db.session.scalars(revived.execution_options(synchronize_session=False)).all())
    if count:
        db.session.info["mail_is_new"] = True
    return count


def beat(*, part: str, now: datetime) -> None:
    """Note that a part of the worker is alive."""
    seen = insert(Heartbeat).values(part=part, at=now)
    db.session.execute(seen.on_conflict_do_update(index_elements=["part"], set_={"at": now}))
