"""Verbs of signing in: sessions that begin and end, links that are sent and used, attempts that are counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update

from supervision.audit import actions as audit
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.sign_in import queries
from supervision.sign_in.models import RateCounter, SingleUseLink, UserSession
from supervision.sign_in.rules import (
    LIFETIMES,
    Limit,
    LinkNotUsable,
    TooManyAttempts,
    bucket,
    new_session_token,
    read_link_token,
    token_hash,
    window_start,
)


def count_attempt(*, limit: Limit, value: str, secret: str, now: datetime) -> None:
    """Count one attempt, in a row that all processes share.

    Raises:
        TooManyAttempts: there have been as many as the limit allows in this window.
    """
    began = window_start(limit, now)
    counted = insert(RateCounter).values(bucket=bucket(limit, value, secret), window_at=began, count=1)
    raised = counted.on_conflict_do_update(
        index_elements=["bucket", "window_at"], set_={"count": RateCounter.count + 1}
    )
    attempts: int = db.session.execute(raised.returning(RateCounter.count)).scalar_one()
    if attempts > limit.attempts:
        raise TooManyAttempts(max(1, int((began + limit.window - now).total_seconds())))


def forget_attempts(*, limit: Limit, value: str, secret: str) -> None:
    """Whoever has signed in starts again with a clean counter."""
    db.session.execute(delete(RateCounter).where(RateCounter.bucket == bucket(limit, value, secret)))


def begin_session(*, person: Person, device: str, now: datetime) -> str:
    """Open a session and return the token for the cookie; the row keeps only its hash."""
    token = new_session_token()
    session = UserSession(
        id=new_id(), token_hash=token_hash(token), person_id=person.id, device=device, began_at=now, seen_at=now
    )
    db.session.add(session)
    audit.record(actor_id=person.id, action="signed-in", subject=f"person/{person.id}", now=now)
    return token


def confirm_session(*, session_id: UUID, now: datetime) -> None:
    """Whoever sits at this session has just given the password again."""
    db.session.execute(update(UserSession).where(UserSession.id == session_id).values(confirmed_at=now))


def end_session(*, person: Person, session_id: UUID, now: datetime) -> None:
    _end(now, "ended", UserSession.person_id == person.id, UserSession.id == session_id)


def end_sessions(*, person: Person, because: str, now: datetime, keep: UUID | None = None) -> None:
    """End every session of a person, but the one to keep."""
    conditions = [UserSession.person_id == person.id]
    if keep is not None:
        conditions.append(UserSession.id != keep)
    _end(now, because, *conditions)


def _end(now: datetime, because: str, *conditions: object) -> None:
    ended = update(UserSession).where(UserSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
    db.session.execute(ended.values(ended_at=now, ended_because=because))


def set_password(*, person: Person, password_hash: str, now: datetime, keep: UUID | None = None) -> None:
    """Change the password: every other session ends, every link already sent is void, the person is told by mail."""
    is_first = person.password_hash is None
    person.password_hash = password_hash
    end_sessions(person=person, because="password-changed", now=now, keep=keep)
    void_links(person=person, now=now)
    audit.record(actor_id=person.id, action="password-set", subject=f"person/{person.id}", now=now)
    if not is_first:
        key = f"password-changed/{person.id}/{now.isoformat()}"
        outbox.put(key=key, kind="password-changed", person_id=person.id, subject_id=person.id, now=now)


def send_link(*, kind: str, person: Person, actor: Person | None, now: datetime) -> SingleUseLink:
    """Send an invitation or a reset link; an earlier one stops working."""
    void_links(person=person, now=now)
    link = SingleUseLink(
        id=new_id(),
        kind=kind,
        person_id=person.id,
        made_by=actor.id if actor else None,
        made_at=now,
        expires_at=now + LIFETIMES[kind],
    )
    db.session.add(link)
    db.session.flush()
    outbox.put(key=f"{kind}/{link.id}", kind=kind, person_id=person.id, subject_id=link.id, now=now)
    return link


def void_links(*, person: Person, now: datetime) -> None:
    """No link sent to this person until now works any more."""
    people.hold(person.id)  # two requests at once would each leave a link that works
    open_links = update(SingleUseLink).where(
        SingleUseLink.person_id == person.id, SingleUseLink.used_at.is_(None), SingleUseLink.replaced_at.is_(None)
    )
    db.session.execute(open_links.values(replaced_at=now))


def find_link(*, token: str, kind: str, secret: str, now: datetime) -> SingleUseLink:
    """The link of a token.

    Raises:
        LinkNotUsable: forged, unknown, used, replaced, or too old.
    """
    link = queries.usable_link(read_link_token(token, secret), kind, now)
    if link is None:
        raise LinkNotUsable
    return link


def use_link(*, link: SingleUseLink, password_hash: str, now: datetime) -> Person:
    """Set the password that the link was sent for. A link serves once, even when it is opened twice at once.

    Raises:
        LinkNotUsable: somebody was quicker.
    """
    people.hold(link.person_id)
    first = (
        update(SingleUseLink)
        .where(SingleUseLink.id == link.id, SingleUseLink.used_at.is_(None), SingleUseLink.replaced_at.is_(None))
        .values(used_at=now)
        .returning(SingleUseLink.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.scalar(first) is None:
        raise LinkNotUsable
    set_password(person=link.person, password_hash=password_hash, now=now)
    return link.person


def tidy(*, now: datetime) -> None:
    """Forget counters of windows long past and sessions that ended long ago."""
    db.session.execute(delete(RateCounter).where(RateCounter.window_at < now - timedelta(days=1)))
    db.session.execute(delete(UserSession).where(UserSession.seen_at < now - timedelta(days=90)))
