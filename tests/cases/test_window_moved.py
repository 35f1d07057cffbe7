"""The supervisor of a group moves the window of a session: whoever opened a situation to it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from supervision import COMPOSERS, clock
from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.mailer import Letter
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from supervision.scheduling import actions as scheduling
from supervision.scheduling.models import GroupSession
from tests import desk
from tests.client import FreshClient
from tests.facts import mails
from tests.scheduling.tables import DAY, a_session

As = Callable[[Person], FreshClient]
KIND = "window-moved"


@pytest.fixture
def session(cast: SimpleNamespace, now: datetime) -> GroupSession:
    return a_session(cast.sam, now + 20 * DAY, [cast.ana, cast.lee])


@pytest.fixture
def opened(cast: SimpleNamespace, keyring: Keyring, now: datetime, session: GroupSession) -> UUID:
    """Ana's situation, which the group of the session may read."""
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    desk.bring(cast.ana, cast.sam, keyring, now)  # the bait: nobody else reads this one
    file = desk.opened(case_id, now)
    lifecycle.open_to_session(author=cast.ana, file=file, session_id=session.id, now=now)
    db.session.commit()
    return case_id


def move(sam: FreshClient, session: GroupSession, days: int, **changes: Any) -> int:
    day = (session.starts_at + timedelta(days=days)).date().isoformat()
    form = {"name": "Groupe", "day": day, "begins": "10:00", "ends": "12:00", "before": "7", "after": "2", **changes}
    return sam.post(f"/seances-collectives/{session.id}/modifier", data=form).status_code


def composed(mail: OutboxMail) -> Any:
    return COMPOSERS[KIND](mail, clock.now())


def test_the_author_is_told_once_for_each_change_of_the_window_and_for_nothing_else(
    as_: As, cast: SimpleNamespace, session: GroupSession, opened: UUID
) -> None:
    sam = as_(cast.sam)
    assert [move(sam, session, 1), move(sam, session, 1)] == [302, 302]
    assert [(mail.person_id, mail.subject_id) for mail in mails(KIND)] == [(cast.ana.id, opened)]
    assert move(sam, session, 1, name="Un autre nom") == 302
    assert len(mails(KIND)) == 1
    assert [move(sam, session, 2), move(sam, session, 1)] == [302, 302]  # and back: that is a change too
    assert len(mails(KIND)) == 3


def test_of_several_changes_only_the_last_one_is_announced(
    as_: As, cast: SimpleNamespace, session: GroupSession, opened: UUID
) -> None:
    sam = as_(cast.sam)
    assert [move(sam, session, 1), move(sam, session, 2)] == [302, 302]
    first, last = mails(KIND)
    db.session.expire_all()
    assert composed(first).reason == "window-over"
    letter = composed(last)
    assert isinstance(letter, Letter)
    assert f"/situations/{opened}" in letter.text
    assert [word for word in ("Groupe", "Sam", "Delcourt") if word in letter.subject] == []


@pytest.mark.parametrize("what", ["taken back", "cancelled", "closed"])
def test_what_is_no_longer_so_is_not_announced(
    as_: As, cast: SimpleNamespace, session: GroupSession, opened: UUID, now: datetime, what: str
) -> None:
    assert move(as_(cast.sam), session, 1) == 302
    (mail,) = mails(KIND)
    file = desk.opened(opened)
    if what == "taken back":
        lifecycle.open_to_session(author=cast.ana, file=file, session_id=None, now=now)
    elif what == "cancelled":
        moved = db.session.get_one(GroupSession, session.id)
        scheduling.cancel(actor=cast.sam, session=moved, now=now)
    else:
        lifecycle.close(actor=cast.ana, file=file, now=now)
    db.session.flush()
    assert composed(mail).reason == ("case-closed" if what == "closed" else "no-longer-opened")
