"""What somebody was sent about a version, and what was granted to her."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from supervision.db import db
from supervision.deontology.coverage.queries import Looked
from supervision.deontology.models import Extension, TextVersion
from supervision.outbox.models import OutboxMail


def last_mails(looked: Looked, person_ids: Sequence[UUID]) -> dict[UUID, OutboxMail]:
    """The last mail about this version to each of them."""
    of_them = OutboxMail.person_id.in_(person_ids), OutboxMail.subject_id == looked.version.id
    mails = select(OutboxMail).where(*of_them, OutboxMail.created_at < looked.end).order_by(OutboxMail.id)
    return {mail.person_id: mail for mail in db.session.scalars(mails)}


def mails_to(looked: Looked, person_id: UUID) -> Sequence[OutboxMail]:
    mails = select(OutboxMail).where(OutboxMail.person_id == person_id, OutboxMail.subject_id == looked.version.id)
    return db.session.scalars(mails.order_by(OutboxMail.id)).all()


def extensions_of(person_id: UUID, kind: str) -> Sequence[Extension]:
    """All that was granted to somebody for this text, revoked or not, the newest first."""
    of_kind = select(TextVersion.id).where(TextVersion.kind == kind)
    granted = select(Extension).where(Extension.person_id == person_id, Extension.version_id.in_(of_kind))
    return db.session.scalars(granted.order_by(Extension.id.desc())).all()


def standing_of(person_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """What holds for somebody: (kind, number, until_on, reason)."""
    granted = select(TextVersion.kind, TextVersion.number, Extension.until_on, Extension.reason)
    granted = granted.join(Extension, Extension.version_id == TextVersion.id)
    granted = granted.where(Extension.person_id == person_id, Extension.revoked_at.is_(None))
    return db.session.execute(granted.order_by(Extension.id)).all()
