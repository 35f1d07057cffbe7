"""Destroying what was kept long enough, and holding it back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, delete, func, select, update

from supervision.audit import actions as audit
from supervision.cases.attachments import actions as attachments
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.feedback.models import Answer, Correction, Feedback, FeedbackDraft, Message
from supervision.cases.models import (
    Case,
    CaseClosing,
    CaseDraft,
    CaseKey,
    CaseVersion,
    Supplement,
    SupplementRequest,
)
from supervision.cases.queries import CaseFile, case_file
from supervision.cases.retention import queries
from supervision.cases.retention.models import Hold, Purge
from supervision.cases.rules import NotNow
from supervision.crypto import Keyring
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.people.models import Person


class AlreadyPurged(Exception):
    """The key is destroyed: there is nothing left to keep or to destroy."""


def purge(*, file: CaseFile, because: str, now: datetime) -> None:
    """Destroy the key of a case, and with it every text; keep that it existed, and the proof that it is gone.

    Raises:
        AlreadyPurged: there is no key any more.
    """
    case_id = file.case.id
    destroyed = delete(CaseKey).where(CaseKey.case_id == case_id).returning(CaseKey.generation, CaseKey.wrapped)
    key = db.session.execute(destroyed).one_or_none()
    if key is None:
        raise AlreadyPurged
    proof = {
        "generation": key.generation,
        "key_hash": hashlib.sha256(key.wrapped).hexdigest(),
        "pieces": _sealed_texts(file) + attachments.remove_all(case_id),
    }
    _drop_drafts(file)
    db.session.execute(insert(Purge).values(case_id=case_id, purged_at=now, because=because, **proof))
    audit.record(actor_id=None, action="case-purged", subject=f"case/{case_id}", now=now, because=because, **proof)


def _sealed_texts(file: CaseFile) -> int:
    """How many texts of the case can no longer be opened."""
    case_id = file.case.id
    versions = select(CaseVersion.id).where(CaseVersion.case_id == case_id)
    feedbacks = select(Feedback.id).where(Feedback.version_id.in_(versions))
    counted = (
        (CaseDraft, CaseDraft.case_id == case_id),
        (CaseVersion, CaseVersion.case_id == case_id),
        (SupplementRequest, SupplementRequest.version_id.in_(versions)),
        (Supplement, Supplement.version_id.in_(versions)),
        (FeedbackDraft, FeedbackDraft.version_id.in_(versions)),
        (Feedback, Feedback.version_id.in_(versions)),
        (Correction, Correction.feedback_id.in_(feedbacks)),
        (Answer, Answer.feedback_id.in_(feedbacks)),
        (Message, Message.case_id == case_id),
        (BreakGlass, BreakGlass.case_id == case_id),
        (Hold, and_(Hold.case_id == case_id, Hold.sealed.is_not(None))),
    )
    counts = (db.session.scalar(select(func.count()).select_from(model).where(where)) for model, where in counted)
    return sum(count or 0 for count in counts)


def _drop_drafts(file: CaseFile) -> None:
    versions = select(CaseVersion.id).where(CaseVersion.case_id == file.case.id)
    db.session.execute(delete(CaseDraft).where(CaseDraft.case_id == file.case.id))
    db.session.execute(
        delete(FeedbackDraft).where(FeedbackDraft.version_id.in_(versions)).execution_options(synchronize_session=False)
    )


def purge_if_due(*, case_id: UUID, now: datetime) -> bool:
    """Purge a case whose time has come, unless something holds it since it was looked up. True if it is purged now.

    Its closing and its key are held until the commit: whoever reopens it, or holds it, comes before or after.
    """
    closing = select(CaseClosing.id).where(CaseClosing.case_id == case_id, CaseClosing.reopened_at.is_(None))
    key = select(CaseKey.case_id).where(CaseKey.case_id == case_id)
    held = [db.session.scalar(rows.with_for_update()) for rows in (closing, key)]
    if None in held or not queries.is_due(case_id, now):
        return False
    file = case_file(select(Case), case_id, now)
    if file is None:
        return False
    purge(file=file, because="retention", now=now)
    return True


# --- holding back -----------------------------------------------------------------------------------------------------


def hold(
    *,
    actor: Person,
    file: CaseFile,
    until_on: date | None,
    reason: str,
    keyring: Keyring,
    now: datetime,
) -> UUID:
    """Keep a case longer: its author until a day, the committee until it is lifted. Replaces one's former hold.

    Raises:
        NotNow: the case was purged in the meantime.
    """
    case_id, hold_id = file.case.id, new_id()
    if db.session.scalar(select(CaseKey.case_id).where(CaseKey.case_id == case_id).with_for_update()) is None:
        raise NotNow
    _lift(actor, file, now)
    sealed = file.seal(keyring).close_fields({"text": reason}, Hold.__tablename__, hold_id) if reason else None
    db.session.add(
        Hold(id=hold_id, case_id=case_id, placed_by=actor.id, placed_at=now, until_on=until_on, sealed=sealed)
    )
    day = until_on.isoformat() if until_on else None
    audit.record(actor_id=actor.id, action="case-held", subject=f"case/{case_id}", now=now, until_on=day)
    return hold_id


def lift(*, actor: Person, file: CaseFile, placed_by: Sequence[UUID], now: datetime) -> None:
    """Let go of a case; its author is told again before it is purged.

    Raises:
        NotNow: nothing of these people holds it.
    """
    if not _lift(actor, file, now, placed_by=placed_by):
        raise NotNow
    audit.record(actor_id=actor.id, action="case-let-go", subject=f"case/{file.case.id}", now=now)


def _lift(actor: Person, file: CaseFile, now: datetime, *, placed_by: Sequence[UUID] = ()) -> bool:
    standing = update(Hold).where(
        Hold.case_id == file.case.id, Hold.placed_by.in_(placed_by or [actor.id]), Hold.lifted_at.is_(None)
    )
    lifted = standing.values(lifted_at=now, lifted_by=actor.id).returning(Hold.id)
    return bool(db.session.scalars(lifted.execution_options(synchronize_session=False)).all())
