"""The files of a case: a list for its pages, and the bytes of one, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, select
from sqlalchemy.orm import Session

from supervision.cases.attachments.models import Attachment, AttachmentPiece
from supervision.cases.attachments.rules import pieces_of
from supervision.cases.sealing import CaseSeal
from supervision.crypto import SealBroken
from supervision.db import db, declare


@dataclass(frozen=True)
class AttachmentLine:
    """A file as a page shows it: opened are its name and type, not its content."""

    id: UUID
    name: str
    media_type: str
    size: int  # bytes
    added_at: datetime
    submitted_at: datetime | None


def lines(visible: Select[Attachment], seal: CaseSeal) -> list[AttachmentLine]:
    """Files in the order in which they were added. One statement, whatever their number."""
    return [_line(attachment, seal) for attachment in db.session.scalars(visible.order_by(Attachment.id))]


def line(visible: Select[Attachment], attachment_id: UUID, seal: CaseSeal) -> AttachmentLine | None:
    """One file if it is among the visible ones."""
    attachment = db.session.scalar(visible.where(Attachment.id == attachment_id))
    return None if attachment is None else _line(attachment, seal)


def _line(attachment: Attachment, seal: CaseSeal) -> AttachmentLine:
    facts = seal.open_fields(attachment.sealed, Attachment.__tablename__, attachment.id)
    return AttachmentLine(
        attachment.id,
        facts["name"],
        facts["type"],
        facts["size"],  # the sealed one: the open column beside it could be changed without the key
        attachment.added_at,
        attachment.submitted_at,
    )


def content(bind: Engine | Connection, line: AttachmentLine, seal: CaseSeal) -> Iterator[bytes]:
    """The bytes of a file, one piece in memory at a time, whoever reads them and however slowly.

    Each piece is asked for in a transaction of its own: a slow reader holds no connection, nor SQLite's log.

    Raises:
        SealBroken: a piece is missing, too many, altered, or not where it was.
    """
    sent = 0
    for position in range(pieces_of(line.size)):
        sealed = _piece(bind, line.id, position)
        if sealed is None:
            raise SealBroken(f"piece {position} of an attachment is not there")
        plain = seal.open_bytes(sealed, AttachmentPiece.__tablename__, line.id, position)
        sent += len(plain)
        yield plain
    if sent != line.size:
        raise SealBroken("an attachment has not the size it was sealed with")


def _piece(bind: Engine | Connection, attachment_id: UUID, position: int) -> bytes | None:
    declare(only_reading=True)
    piece = select(AttachmentPiece.sealed).where(
        AttachmentPiece.attachment_id == attachment_id, AttachmentPiece.position == position
    )
    with Session(bind, join_transaction_mode="create_savepoint") as session:
        return session.scalar(piece)
