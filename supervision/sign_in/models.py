"""Sessions, single-use links, and the counters that slow down guessing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base
from supervision.ids import new_id
from supervision.people.models import Person


class UserSession(Base):
    """One signed-in browser. The cookie holds a random token, the row only its hash."""

    __tablename__ = "user_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    device: Mapped[str]  # "Firefox, Linux": enough to recognise one's own
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # when the password was last given again, before an act that asks for it
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]

    person: Mapped[Person] = relationship()


class SingleUseLink(Base):
    """A link that a mail carries: an invitation or a new password. Its token is derived from the id, never stored."""

    __tablename__ = "single_use_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]  # invitation | reset
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]  # a newer link of the kind was sent

    person: Mapped[Person] = relationship(foreign_keys=person_id)


class RateCounter(Base):
    """How often something was tried in one window of time. Buckets are keyed hashes: no address is kept."""

    __tablename__ = "rate_counter"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    window_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
