"""Destroying what was kept long enough, and holding it back."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, func, select

from supervision.audit import actions as audit
from supervision.cases.attachments import actions as attachments
from supervision.cases.feedback.models import Answer, Correction, Feedback, FeedbackDraft, Message
from supervision.cases.models import CaseDraft, CaseKey, CaseVersion, Supplement, SupplementRequest
from supervision.cases.queries import CaseFile
from supervision.cases.retention.models import Purge
from supervision.db import db, insert


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
    )
    counts = (db.session.scalar(select(func.count()).select_from(model).where(where)) for model, where in counted)
    return sum(count or 0 for count in counts)


def _drop_drafts(file: CaseFile) -> None:
    versions = select(CaseVersion.id).where(CaseVersion.case_id == file.case.id)
    db.session.execute(delete(CaseDraft).where(CaseDraft.case_id == file.case.id))
    db.session.execute(
        delete(FeedbackDraft).where(FeedbackDraft.version_id.in_(versions)).execution_options(synchronize_session=False)
    )
