"""What screens and probes ask about delivery. No question here touches the content of a mail: it is never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select

from supervision.db import db
from supervision.outbox.models import Heartbeat, OutboxMail


@dataclass(frozen=True)
class Health:
    waiting: int
    due_since: datetime | None  # the longest overdue; what rests between two attempts at it is not
    failed: int
    sent_last_day: int
    last_beat_at: datetime | None


_WAITS = and_(OutboxMail.sent_at.is_(None), OutboxMail.skipped_at.is_(None), OutboxMail.failed_at.is_(None))


def health(now: datetime) -> Health:
    """The state of delivery in one statement."""
    how_many = select(func.count()).select_from(OutboxMail)
    # A mail that was never tried because no server answered is overdue since it was put here, however often it moved.
    unreached = and_(OutboxMail.attempts == 0, OutboxMail.last_code.is_not(None))
    since = case((unreached, OutboxMail.created_at), else_=OutboxMail.due_at)
    asked = (  # each by an index of its own: mails are kept for years, and the probes ask twice a minute
        how_many.where(_WAITS),
        select(func.min(since)).where(_WAITS, or_(OutboxMail.due_at <= now, unreached)),
        how_many.where(OutboxMail.failed_at.is_not(None)),
        how_many.where(OutboxMail.sent_at > now - timedelta(days=1)),
        select(Heartbeat.at).where(Heartbeat.part == "beat"),
    )
    return Health(*db.session.execute(select(*(one.scalar_subquery() for one in asked))).one())


def mails_page(*, only_failed: bool, before: UUID | None, limit: int) -> Sequence[OutboxMail]:
    """Mails from the newest to the oldest, paged by id."""
    mails = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(limit)
    if only_failed:
        mails = mails.where(OutboxMail.failed_at.is_not(None))
    if before is not None:
        mails = mails.where(OutboxMail.id < before)
    return db.session.scalars(mails).all()
