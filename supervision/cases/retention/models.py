"""How long a closed case is kept, what holds it back, and the proof that it is gone."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base
from supervision.ids import new_id


class Hold(Base):
    """The purge waits: the author wants to keep the case longer, or the committee needs it for a referral."""

    __tablename__ = "case_hold"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    until_on: Mapped[date | None]  # None: until it is lifted
    sealed: Mapped[bytes | None]  # why, in the words of whoever placed it
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]


class Purge(Base):
    """The case's key was destroyed. What remains: that there was a case, whose, and when its texts became noise."""

    __tablename__ = "case_purge"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), primary_key=True)
    purged_at: Mapped[datetime]
    because: Mapped[str]  # retention | discarded
    generation: Mapped[int]  # of the master key that had wrapped the destroyed key: backups open until it is forgotten
    key_hash: Mapped[str]  # SHA-256 of the wrapped key that was destroyed
    pieces: Mapped[int]  # how many sealed texts can no longer be opened
