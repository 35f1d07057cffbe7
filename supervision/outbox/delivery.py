"""Delivery: claim a few rows, render, hand over, mark; one commit for each step, so that a kill loses nothing.

A worker killed between the server's '250' and our commit leaves a row whose claim runs out: that mail is sent again
with the same Message-ID. No order of steps closes this window; this one never loses a mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from smtplib import SMTP

import structlog
from sqlalchemy import ColumnElement, or_, select, update

from supervision import clock, mailer
from supervision.db import db
from supervision.ids import new_id
from supervision.mailer import HandOverFailed, Letter, Refused
from supervision.outbox.models import OutboxMail
from supervision.outbox.rules import BATCH, LEASE, NOT_COMPOSED, SAFETY, message_id, next_attempt, when_reachable

log = structlog.get_logger("outbox")


@dataclass(frozen=True)
class NoLongerTrue:
    """The reason for which a mail has become pointless since it was put in the outbox."""

    reason: str


Composer = Callable[[OutboxMail, datetime], Letter | NoLongerTrue]


@dataclass(frozen=True)
class Post:
    """What delivery needs to know of the outside."""

    smtp_url: str
    sender: str
    domain: str  # right-hand side of every Message-ID
    composers: Mapping[str, Composer]
    lease: timedelta = LEASE


def deliver(post: Post, *, limit: int = BATCH) -> int:
    """Send what is due, at most `limit` mails over one connection. Returns how many rows were claimed."""
    mails = _claim(limit, post.lease)
    if not mails:
        return 0
    try:
        with mailer.connection(post.smtp_url) as server:
            _deliver_all(post, server, mails)
    except mailer.TryLater as error:
        _wait_for_server(mails, error)
    return len(mails)


def _wait_for_server(mails: list[OutboxMail], error: HandOverFailed) -> None:
    """No server was reached, which says nothing about a mail: none loses an attempt, however long that lasts."""
    now = clock.now()
    log.warning("no mail server was reached", code=error.code, mails=len(mails))
    for mail in mails:
        again = when_reachable(created_at=mail.created_at, now=now)
        _settle(mail, due_at=again, last_code=error.code, claim=None, claimed_until=None)


def _deliver_all(post: Post, server: SMTP, mails: list[OutboxMail]) -> None:
    """Work through the batch; when the connection breaks or the claim grows old, give the rest back untouched."""
    for position, mail in enumerate(mails):
        too_late = mail.claimed_until is not None and clock.now() > mail.claimed_until - post.lease * SAFETY
        if too_late or not _deliver_one(post, server, mail):
            for rest in mails[position + (not too_late) :]:
                _settle(rest, claim=None, claimed_until=None)
            return


def _waiting(now: datetime) -> list[ColumnElement[bool]]:
    return [
        OutboxMail.sent_at.is_(None),
        OutboxMail.skipped_at.is_(None),
        OutboxMail.failed_at.is_(None),
        OutboxMail.due_at <= now,
        or_(OutboxMail.claimed_until.is_(None), OutboxMail.claimed_until < now),
    ]


def _claim(limit: int, lease: timedelta) -> list[OutboxMail]:
    """Take rows nobody works on. Two deliverers never get the same one: the update looks again at each row.

    The select stands in a CTE, which PostgreSQL runs once. As a plain subquery it ran again for each row, skipped
    what it had locked itself, and took everything whatever the limit.
    """
    now, claim = clock.now(), new_id()
    ours = select(OutboxMail.id).where(*_waiting(now)).order_by(OutboxMail.due_at, OutboxMail.id).limit(limit)
    chosen = ours.with_for_update(skip_locked=True).cte("chosen")
    taken = (
        update(OutboxMail)
        .where(OutboxMail.id.in_(select(chosen.c.id)), *_waiting(now))
        .values(claim=claim, claimed_until=now + lease)
        .returning(OutboxMail)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    mails = sorted(db.session.scalars(taken), key=lambda mail: (mail.due_at, mail.id))
    db.session.commit()
    db.session.expunge_all()
    return mails


def _deliver_one(post: Post, server: SMTP, mail: OutboxMail) -> bool:
    """Settle or postpone one mail. False if the connection is of no more use."""
    now = clock.now()
    message = _compose(post, mail, now)
    if message is None:
        return True
    if isinstance(message, NoLongerTrue):
        _settle(mail, skipped_at=now, skipped_because=message.reason)
        return True
    try:
        mailer.hand_over(server, message)
    except HandOverFailed as error:
        _postpone(mail, error)
        return mailer.is_open(server)
    _settle(mail, sent_at=clock.now(), attempts=mail.attempts + 1)
    return True


def _compose(post: Post, mail: OutboxMail, now: datetime) -> EmailMessage | NoLongerTrue | None:
    """Render one mail. One that cannot be rendered is set aside so that it does not hold up the others."""
    try:
        letter = post.composers[mail.kind](mail, now)
        db.session.commit()  # nothing was written; SMTP must not happen inside a transaction
        db.session.expunge_all()  # the next mail looks at the facts afresh
        if isinstance(letter, NoLongerTrue):
            return letter
        return mailer.build(letter, sender=post.sender, message_id=message_id(mail.key, post.domain), now=now)
    except Exception:
        db.session.rollback()
        log.exception("a mail could not be composed", mail_kind=mail.kind, mail_id=str(mail.id))
        _postpone(mail, HandOverFailed(NOT_COMPOSED))
        return None


def _postpone(mail: OutboxMail, error: HandOverFailed) -> None:
    attempts, now = mail.attempts + 1, clock.now()
    again = None if isinstance(error, Refused) else next_attempt(attempts=attempts, now=now)
    facts = {"attempts": attempts, "last_code": error.code, "claim": None, "claimed_until": None}
    log.warning("a mail was not taken", mail_id=str(mail.id), code=error.code, attempts=attempts, final=again is None)
    _settle(mail, **facts, **({"failed_at": now} if again is None else {"due_at": again}))


def _settle(mail: OutboxMail, **values: object) -> None:
    """Write the outcome, unless the claim ran out and somebody else has the row."""
    still_ours = update(OutboxMail).where(
        OutboxMail.id == mail.id, OutboxMail.claim == mail.claim, OutboxMail.sent_at.is_(None)
    )
    db.session.execute(still_ours.values(**values).execution_options(synchronize_session=False))
    db.session.commit()
