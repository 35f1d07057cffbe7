"""Keeping files with a case: sealed piece by piece with its key, on the draft until the draft is submitted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update

from supervision.cases.attachments.models import Attachment, AttachmentPiece
from supervision.cases.attachments.rules import PIECE, Cleaned, refuse_more
from supervision.cases.models import CaseDraft
from supervision.cases.queries import CaseFile
from supervision.cases.rules import AlreadySubmitted
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring
from supervision.db import db, insert
from supervision.ids import new_id

_FILE, _PIECE = Attachment.__tablename__, AttachmentPiece.__tablename__


def add(*, file: CaseFile, cleaned: Cleaned, name: str, most: int, keyring: Keyring, now: datetime) -> UUID:
    """Lay a cleaned file with the draft. Returns its id.

    Raises:
        AlreadySubmitted: there is no draft any more.
        TooMany: the case has `most` files, perhaps since a moment ago.
    """
    case_id, attachment_id, seal = file.case.id, new_id(), file.seal(keyring)
    _hold_draft(case_id)
    present = select(func.count()).select_from(Attachment).where(Attachment.case_id == case_id)
    refuse_more(present=db.session.scalar(present) or 0, most=most)
    size = len(cleaned.content)
    facts = {"name": name, "type": cleaned.media_type, "size": size}
    sealed = seal.close_fields(facts, _FILE, attachment_id)
    new = insert(Attachment).values(id=attachment_id, case_id=case_id, sealed=sealed, size=size, added_at=now)
    db.session.execute(new)
    _seal_pieces(seal, attachment_id, cleaned.content)
    return attachment_id


def _hold_draft(case_id: UUID) -> None:
    """Keep the draft from being submitted meanwhile, and a second file from being counted at the same moment."""
    draft = select(CaseDraft.case_id).where(CaseDraft.case_id == case_id).with_for_update()
    if db.session.scalar(draft) is None:
        raise AlreadySubmitted


def _seal_pieces(seal: CaseSeal, attachment_id: UUID, content: bytes) -> None:
    """One statement for each piece: all of them at once would be the whole file once more in memory."""
    whole = memoryview(content)
    for position, start in enumerate(range(0, len(whole), PIECE)):
        sealed = seal.close_bytes(bytes(whole[start : start + PIECE]), _PIECE, attachment_id, position)
        piece = insert(AttachmentPiece).values(attachment_id=attachment_id, position=position, sealed=sealed)
        db.session.execute(piece)


def remove(*, attachment_id: UUID) -> None:
    """Remove a file nobody but its author has seen.

    Raises:
        AlreadySubmitted: it went with a version, and stays.
    """
    is_waiting = Attachment.id == attachment_id, Attachment.submitted_at.is_(None)
    held = select(Attachment.id).where(*is_waiting).with_for_update()
    if db.session.scalar(held) is None:
        raise AlreadySubmitted
    _delete(select(Attachment.id).where(*is_waiting))


def submit_all(case_id: UUID, now: datetime) -> None:
    """What lies with the draft goes with the version, and stays."""
    waiting = update(Attachment).where(Attachment.case_id == case_id, Attachment.submitted_at.is_(None))
    db.session.execute(waiting.values(submitted_at=now).execution_options(synchronize_session=False))


def take_back(case_id: UUID, submitted_at: datetime) -> None:
    """What went with a version that was withdrawn unread lies with the draft again."""
    gone = update(Attachment).where(Attachment.case_id == case_id, Attachment.submitted_at == submitted_at)
    db.session.execute(gone.values(submitted_at=None).execution_options(synchronize_session=False))


def remove_waiting(case_id: UUID) -> int:
    """Remove what lies with the draft and went with no version. Returns how many there were."""
    return _delete(select(Attachment.id).where(Attachment.case_id == case_id, Attachment.submitted_at.is_(None)))


def remove_all(case_id: UUID) -> int:
    """Remove every file of a case. Returns how many there were."""
    return _delete(select(Attachment.id).where(Attachment.case_id == case_id))


def _delete(files: Select[UUID]) -> int:
    pieces = delete(AttachmentPiece).where(AttachmentPiece.attachment_id.in_(files))
    db.session.execute(pieces.execution_options(synchronize_session=False))
    removed = delete(Attachment).where(Attachment.id.in_(files)).returning(Attachment.id)
    return len(db.session.scalars(removed.execution_options(synchronize_session=False)).all())
