"""What signing in asks of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, select, true

from supervision.association.models import Association
from supervision.db import Instant, db
from supervision.people.models import Person, RoleGrant
from supervision.people.queries import role_runs
from supervision.people.viewer import Viewer
from supervision.sign_in.models import SingleUseLink, UserSession
from supervision.sign_in.rules import IDLE, LONGEST, token_hash


@dataclass(frozen=True)
class Visit:
    """A running session with everything a page needs to know about who asks, from one statement."""

    viewer: Viewer
    session: UserSession
    association: Association


# Built once, for it is asked with every page: composing it costs more than running it.
_NOW = bindparam("now", type_=Instant)
_VISIT = (
    select(UserSession, Person, Association, RoleGrant.role)
    .join(Person, UserSession.person_id == Person.id)
    .join(Association, true())
    .outerjoin(RoleGrant, and_(RoleGrant.person_id == Person.id, role_runs(_NOW)))
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.ended_at.is_(None),
        UserSession.seen_at > bindparam("seen_after", type_=Instant),
        UserSession.began_at > bindparam("began_after", type_=Instant),
        Person.deactivated_at.is_(None),
    )
)


def visit(token: str, now: datetime) -> Visit | None:
    """The running session of a cookie's token, its person, running roles and the association."""
    asked = {"token_hash": token_hash(token), "now": now, "seen_after": now - IDLE, "began_after": now - LONGEST}
    rows = db.session.execute(_VISIT, asked).all()
    if not rows:
        return None
    session, person, association, _ = rows[0]
    return Visit(Viewer(person, frozenset(row[3] for row in rows if row[3])), session, association)


def is_still_right(person: Person) -> bool:
    """True if the account is open and keeps the password that was just checked; its row is held until the commit.

    Checking takes its time. A session begun meanwhile with the old password would outlive the change of it.
    """
    unchanged = select(Person.id).where(
        Person.id == person.id, Person.password_hash == person.password_hash, Person.deactivated_at.is_(None)
    )
    return db.session.scalar(unchanged.with_for_update(key_share=True)) is not None


def open_sessions(person_id: UUID, now: datetime) -> Sequence[UserSession]:
    running = select(UserSession).where(
        UserSession.person_id == person_id,
        UserSession.ended_at.is_(None),
        UserSession.seen_at > now - IDLE,
        UserSession.began_at > now - LONGEST,
    )
    return db.session.scalars(running.order_by(UserSession.seen_at.desc())).all()


def usable_link(link_id: UUID, kind: str, now: datetime) -> SingleUseLink | None:
    return db.session.scalar(
        select(SingleUseLink)
        .join(Person, SingleUseLink.person_id == Person.id)
        .where(
            Person.deactivated_at.is_(None),
            SingleUseLink.id == link_id,
            SingleUseLink.kind == kind,
            SingleUseLink.used_at.is_(None),
            SingleUseLink.replaced_at.is_(None),
            SingleUseLink.expires_at > now,
        )
    )
