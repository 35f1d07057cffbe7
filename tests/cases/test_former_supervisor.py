"""Who supervised a situation and does so no more reads what the way that is left to her opens, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from tests import desk
from tests.client import FreshClient
from tests.scheduling.tables import DAY, HOUR, a_session

As = Callable[[Person], FreshClient]


def test_a_supervisor_whose_agreement_has_ended_reads_in_the_group_what_the_group_reads(
    as_: As, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - 3 * DAY)
    desk.respond(cast.sam, case_id, keyring, now - 2 * DAY)
    desk.answer(cast.ana, case_id, keyring, now - DAY)
    session = a_session(cast.noor, now + DAY, [cast.ana, cast.sam])
    lifecycle.open_to_session(author=cast.ana, file=desk.opened(case_id), session_id=session.id, now=now - HOUR)
    db.session.commit()
    word, page = "Ce que je ne dis qu’à qui me supervise.", f"/situations/{case_id}"
    as_(cast.ana).post(f"{page}/mot", data={"press": str(new_id()), "message": word})
    assert word in as_(cast.sam).get(page).text
    ended = select(Agreement).where(Agreement.supervisee_id == cast.ana.id, Agreement.supervisor_id == cast.sam.id)
    agreements.end(actor=cast.sam, agreement=db.session.scalars(ended).one(), now=now)
    db.session.commit()
    read = as_(cast.sam).get(page)
    assert (read.status_code, desk.SITUATION["critical_moment"] in read.text, word in read.text) == (200, True, False)
