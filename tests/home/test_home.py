"""What waits for me, and since when: each thing on the home of whoever it waits for, and of nobody else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases import actions as cases
from supervision.crypto import Keyring
from supervision.db import db
from supervision.home import queries
from supervision.people import actions as people
from supervision.people import queries as people_queries
from supervision.people.models import Person
from supervision.people.viewer import Viewer
from tests import desk

DAY = timedelta(days=1)
TARGET = 14 * DAY


@pytest.fixture
def waits(cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date) -> Any:
    """What waits for a person: (kind, since)."""

    def for_person(person: Person) -> list[tuple[str, datetime]]:
        db.session.flush()
        me = Viewer(person, people_queries.running_roles(person.id, now))
        return [(row.kind, row.since) for row in queries.what_waits(me, today, keyring, target=TARGET)]

    return for_person


def opened_by(person: Person, case_id: UUID, at: datetime) -> None:
    cases.record_reading(file=desk.opened(case_id), reader=person, now=at)


def test_a_case_waits_for_one_person_at_a_time(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any
) -> None:
    """The whole path, step by step, seen from both homes."""

    def both() -> tuple[Any, Any]:
        return waits(cast.ana), waits(cast.sam)

    t = [now - (20 - n) * DAY for n in range(8)]
    case_id = desk.draft(cast.ana, keyring, t[0])
    assert both() == ([("draft", t[0])], [])
    cases.submit(
        author=cast.ana,
        supervisor=cast.sam,
        file=desk.opened(case_id),
        fields=desk.situation_fields(cast.sam),
        revision=1,
        keyring=keyring,
        now=t[1],
    )
    assert both() == ([], [("feedback-to-write", t[1])])
    opened_by(cast.sam, case_id, t[2])
    assert both() == ([], [("feedback-to-write", t[1])])  # since it was submitted, not since it was opened
    desk.respond(cast.sam, case_id, keyring, t[3])
    assert both() == ([("feedback-to-read", t[3])], [])
    opened_by(cast.ana, case_id, t[4])
    assert both() == ([("answer-to-write", t[3])], [])
    desk.answer(cast.ana, case_id, keyring, t[5])
    assert both() == ([], [("answer-to-read", t[5])])
    opened_by(cast.sam, case_id, t[6])
    assert both() == ([], [])


def test_nothing_of_others_waits_for_me(cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any) -> None:
    desk.bring(cast.ana, cast.sam, keyring, now)
    desk.draft(cast.ana, keyring, now)
    assert [waits(person) for person in (cast.lee, cast.noor, cast.ada, cast.ines, cast.paul, cast.zoe)] == [[]] * 6
    assert [kind for kind, _ in waits(cast.sam)] == ["feedback-to-write"]


def test_the_longest_wait_comes_first(cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any) -> None:
    for age in (3, 12, 7):
        desk.bring(cast.ana, cast.sam, keyring, now - age * DAY)
    assert [since for _, since in waits(cast.sam)] == [now - age * DAY for age in (12, 7, 3)]


def test_what_an_ended_agreement_closed_does_not_wait(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any, today: date
) -> None:
    desk.bring(cast.ana, cast.sam, keyring, now)
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    assert waits(cast.sam) == []


def test_an_agreement_waits_for_the_side_that_has_not_signed(
    cast: SimpleNamespace, now: datetime, today: date, waits: Any
) -> None:
    agreement = agreements.propose(
        actor=cast.ines, supervisee=cast.zoe, supervisor=cast.noor, starts_on=today, ends_on=None, now=now
    )
    seen = [[bool(waits(cast.zoe)), bool(waits(cast.noor))]]
    for side in (cast.zoe, cast.noor):
        agreements.sign(actor=side, agreement=agreement, now=now)
        seen.append([bool(waits(cast.zoe)), bool(waits(cast.noor))])
    assert seen == [[True, True], [False, True], [False, False]]


def test_an_office_waits_for_an_administrator_who_neither_proposed_nor_receives_it(
    cast: SimpleNamespace, now: datetime, waits: Any
) -> None:
    people.grant_role(actor=cast.ada, person=cast.zoe, role="treasurer", now=now)
    assert {who: waits(getattr(cast, who)) for who in ("ada", "ines", "zoe", "paul")} == {
        "ada": [],
        "ines": [("office-to-confirm", now)],
        "zoe": [],
        "paul": [],
    }


def test_the_page_shows_each_wait_with_its_title_and_a_link(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    late = desk.bring(cast.ana, cast.sam, keyring, now - 15 * DAY, title="En retard")
    fresh = desk.bring(cast.ana, cast.sam, keyring, now - DAY, title="D’hier")
    db.session.commit()
    page = as_(cast.sam).get("/").text
    wanted = (
        "En retard",
        "D’hier",
        f"/situations/{late}",
        f"/situations/{fresh}",
        "Situation\u00a0: Ana Ferreira",
        "Retour attendu avant le <time",
    )
    assert [word for word in wanted if word not in page] == []
    assert page.index("En retard") < page.index("D’hier")


def test_an_empty_home_says_so(as_: Any, cast: SimpleNamespace) -> None:
    assert "Rien ne vous attend" in as_(cast.sam).get("/").text


@pytest.mark.parametrize(("who", "asked"), [("lee", True), ("ana", False)])
def test_whoever_has_not_signed_the_code_is_asked_to(as_: Any, cast: SimpleNamespace, who: str, asked: bool) -> None:
    assert ('href="/deontologie/signer"' in as_(getattr(cast, who)).get("/").text) is asked
