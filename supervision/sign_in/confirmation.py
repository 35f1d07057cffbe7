"""The password once more, before an act that must be one's own: what doors do so that it counts and is not guessed."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from werkzeug.exceptions import TooManyRequests

from supervision import clock
from supervision.db import db
from supervision.sign_in import actions, passwords, queries
from supervision.sign_in.current import me, my_session
from supervision.sign_in.rules import SIGN_IN_ACCOUNT, TooManyAttempts, fresh_at


def given_at() -> datetime | None:
    """When the password of this session was given, if that was just now; otherwise it is to be asked for."""
    mine = my_session()
    return fresh_at(mine.began_at, mine.confirmed_at, clock.now())


def confirm(password: str) -> datetime | None:
    """When the password was given: now, or None if it is wrong. Each attempt counts, as at the sign-in.

    The hash is computed outside any transaction; what the request wrote before is committed.

    Raises:
        TooManyRequests: there have been as many as the limit allows.
    """
    person, secret = me().person, current_app.config["SECRET_KEY"]
    _count(person.email_key, secret)
    if not passwords.is_right(person.password_hash, password) or not queries.is_still_right(person):
        db.session.rollback()
        return None
    now = clock.now()
    actions.forget_attempts(limit=SIGN_IN_ACCOUNT, value=person.email_key, secret=secret)
    actions.confirm_session(session_id=my_session().id, now=now)
    return now


def _count(value: str, secret: str) -> None:
    try:
        actions.count_attempt(limit=SIGN_IN_ACCOUNT, value=value, secret=secret, now=clock.now())
    except TooManyAttempts as error:
        db.session.commit()
        raise TooManyRequests(retry_after=error.retry_after) from error
    db.session.commit()
