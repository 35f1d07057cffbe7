"""Telling authors what others change about who reads their situations, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from supervision.cases.models import Case
from supervision.cases.visibility.queries import is_opened_to
from supervision.db import db
from supervision.outbox import actions as outbox
from supervision.scheduling.models import GroupSession

MOVED = "window-moved"


def tell_moved(*, session: GroupSession, now: datetime) -> None:
    """The authors of what is opened to this session chose another time than the one in which it is read from now on:
    each is told, once for each change.
    """
    opened = select(Case.id, Case.author_id).where(is_opened_to(session.id)).order_by(Case.id)
    for case_id, author_id in db.session.execute(opened):
        outbox.put(
            key=f"{MOVED}/{case_id}/{session.id}/{now.isoformat()}",
            kind=MOVED,
            person_id=author_id,
            subject_id=case_id,
            now=now,
            session=str(session.id),
            opens_at=session.opens_at.isoformat(),
            closes_at=session.closes_at.isoformat(),
        )
