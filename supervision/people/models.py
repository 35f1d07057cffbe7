"""People and the roles they hold from one day to another."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base
from supervision.ids import new_id
from supervision.people.rules import ROLES, name_key


def _name_key(row: DefaultExecutionContext) -> str:
    return name_key(row.get_current_parameters()["display_name"])  # type: ignore[no-untyped-call]


class Person(Base):
    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str]  # as written by whoever invited; mails go here
    email_key: Mapped[str] = mapped_column(unique=True)  # how two writings of one address are recognised
    display_name: Mapped[str]
    name_key: Mapped[str] = mapped_column(default=_name_key)  # how names are sorted and searched
    language: Mapped[str] = mapped_column(default="fr")
    zone: Mapped[str] = mapped_column(default="Europe/Paris")
    password_hash: Mapped[str | None]  # None until the invitation is accepted
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("language IN ('fr', 'en')", name="language_known"),
        Index("ix_person_name_key_id", "name_key", "id"),
    )


class RoleGrant(Base):
    """One role of one person over a time. An office runs only once a second administrator has confirmed it."""

    __tablename__ = "role_grant"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    granted_at: Mapped[datetime]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None: the command line
    confirmed_at: Mapped[datetime | None]  # from here on the role runs
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=person_id)

    __table_args__ = (
        CheckConstraint("role IN ({})".format(", ".join(f"'{role}'" for role in ROLES)), name="role_known"),
        Index("ix_role_grant_person_id_role", "person_id", "role"),
        Index(
            "uq_role_grant_open",
            "person_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )
