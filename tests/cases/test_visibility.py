"""Who may open a case. What may not be seen does not exist."""

from __future__ import annotations

import re
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.audit.models import AuditEntry
from supervision.cases import queries
from supervision.cases.visibility import queries as visibility
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people import actions as people
from supervision.people.models import Person
from supervision.people.rules import OFFICES
from tests import desk

DOORS = ("", "/brouillon", "/retour")


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: Any) -> UUID:
    """Ana's, submitted to Sam."""
    brought = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    return brought


def nobodys_words(page: Any) -> str:
    """The page without what is different on each request, and without the address that was asked for."""
    same = page.text.replace(page.headers["X-Request-Id"], "").replace(page.request.path, "")
    return re.sub(r'name="csrf_token" value="[^"]*"', "", same)


@pytest.mark.parametrize("who", ["ana", "sam"])
def test_author_and_supervisor_read_it(as_: Any, cast: SimpleNamespace, case_id: UUID, who: str) -> None:
    page = as_(getattr(cast, who)).get(f"/situations/{case_id}")
    assert page.status_code == 200
    assert [
        text for text in desk.SITUATION.values() if text.splitlines() and text.splitlines()[0] not in page.text
    ] == []


@pytest.mark.parametrize("who", ["noor", "lee", "ada", "ines", "paul", "zoe"])
@pytest.mark.parametrize("door", DOORS)
def test_for_everyone_else_it_is_a_case_that_never_existed(
    as_: Any, cast: SimpleNamespace, case_id: UUID, who: str, door: str
) -> None:
    stranger = as_(getattr(cast, who))
    stranger.get(f"/situations/{new_id()}")  # its cookie gets the form's token once
    real, unknown = stranger.get(f"/situations/{case_id}{door}"), stranger.get(f"/situations/{new_id()}{door}")
    assert real.status_code == unknown.status_code == 404
    assert nobodys_words(real) == nobodys_words(unknown)
    assert {k for k, _ in real.headers} == {k for k, _ in unknown.headers}


@pytest.mark.parametrize("office", OFFICES)
def test_no_office_opens_a_case_and_the_attempt_is_recorded(
    as_: Any, cast: SimpleNamespace, case_id: UUID, office: str, now: Any
) -> None:
    people.grant_role(actor=None, person=cast.zoe, role=office, now=now)
    db.session.commit()
    assert as_(cast.zoe).get(f"/situations/{case_id}").status_code == 404
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert last is not None
    assert (last.actor_id, last.action, last.subject) == (cast.zoe.id, "case-refused", f"case/{case_id}")


@pytest.mark.parametrize("door", DOORS)
def test_every_door_records_the_refused_officer(as_: Any, cast: SimpleNamespace, case_id: UUID, door: str) -> None:
    ada = as_(cast.ada)
    ada.get(f"/situations/{case_id}{door}")
    ada.get(f"/situations/{new_id()}{door}")  # nothing to record
    assert refusals() == [(cast.ada.id, f"case/{case_id}")]


@pytest.mark.parametrize("door", ["/brouillon", "/retour", "/reponse", "/jeter"])
def test_writing_doors_do_not_exist_for_strangers_either(
    as_: Any, cast: SimpleNamespace, case_id: UUID, door: str
) -> None:
    form = {**desk.situation_form(cast.sam, 1), **desk.FEEDBACK, **desk.ANSWER}
    assert [
        as_(person).post(f"/situations/{case_id}{door}", data=form).status_code for person in (cast.noor, cast.ada)
    ] == [
        404,
        404,
    ]
    file = desk.opened(case_id)
    assert (file.feedback_draft, file.feedback, file.answer) == (None, None, None)
    assert refusals() == [(cast.ada.id, f"case/{case_id}")]


def refusals() -> list[tuple[Any, str]]:
    entries = select(AuditEntry.actor_id, AuditEntry.subject).where(AuditEntry.action == "case-refused")
    return [tuple(row) for row in db.session.execute(entries)]  # type: ignore[misc]


def test_an_ended_agreement_closes_the_case(as_: Any, cast: SimpleNamespace, case_id: UUID, now: Any) -> None:
    sam = as_(cast.sam)
    assert sam.get(f"/situations/{case_id}").status_code == 200
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    db.session.commit()
    closed, unknown = sam.get(f"/situations/{case_id}"), sam.get(f"/situations/{new_id()}")
    assert closed.status_code == 404
    assert nobodys_words(closed) == nobodys_words(unknown)
    assert desk.SITUATION["title"] not in sam.get("/situations/recues").text
    assert as_(cast.ana).get(f"/situations/{case_id}").status_code == 200  # the author always may


def test_an_agreement_that_ran_out_closes_the_case(as_: Any, cast: SimpleNamespace, case_id: UUID, today: Any) -> None:
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreement.ends_on = today - (today - agreement.starts_on) / 2
    db.session.commit()
    assert as_(cast.sam).get(f"/situations/{case_id}").status_code == 404


def test_a_draft_is_read_by_its_author_alone(as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any) -> None:
    draft = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    everyone = ("ana", "sam", "noor", "lee", "ada", "ines", "paul", "zoe")
    answers = [as_(getattr(cast, who)).get(f"/situations/{draft}/brouillon").status_code for who in everyone]
    assert answers == [200] + [404] * 7


def test_a_visitor_is_asked_to_sign_in_and_sees_nothing(visitor: Any, case_id: UUID) -> None:
    page = visitor.get(f"/situations/{case_id}")
    assert (page.status_code, page.location) == (302, f"/connexion?next=/situations/{case_id}")


def test_a_reading_is_recorded_and_only_the_author_sees_it(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    sam, ana = as_(cast.sam), as_(cast.ana)
    assert "Personne ne l’a encore ouverte." in ana.get(f"/situations/{case_id}").text
    assert 'id="lectures"' not in sam.get(f"/situations/{case_id}").text
    page = ana.get(f"/situations/{case_id}").text
    assert "Sam Delcourt a ouvert la situation" in page
    assert [(line.reader_id, line.what) for line in queries.readings(case_id)] == [(cast.sam.id, "situation")]


def test_a_glance_at_the_headers_is_no_reading(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    assert as_(cast.sam).head(f"/situations/{case_id}").status_code == 200
    assert queries.readings(case_id) == []


def test_reading_ones_own_feedback_is_recorded_once(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: Any
) -> None:
    desk.respond(cast.sam, case_id, keyring, now)
    db.session.commit()
    ana = as_(cast.ana)
    ana.get(f"/situations/{case_id}")
    assert "Vous avez ouvert le retour" in ana.get(f"/situations/{case_id}").text
    assert [(line.reader_id, line.what) for line in queries.readings(case_id)] == [(cast.ana.id, "feedback")]


def test_lists_show_each_their_own(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    title = desk.SITUATION["title"]
    shown = {
        (who, path): title in as_(getattr(cast, who)).get(path).text
        for who in ("ana", "sam", "noor", "lee", "ada")
        for path in ("/", "/situations", "/situations/recues")
    }
    assert {place for place, is_shown in shown.items() if is_shown} == {
        ("ana", "/situations"),
        ("sam", "/"),
        ("sam", "/situations/recues"),
    }


def test_only_supervisors_have_a_list_of_what_they_received(as_: Any, cast: SimpleNamespace) -> None:
    assert as_(cast.ana).get("/situations/recues").status_code == 403


def test_a_supervisor_whose_account_is_closed_is_not_named_among_those_who_read(
    cast: SimpleNamespace, case_id: UUID, now: datetime, today: date
) -> None:
    def named() -> list[str]:
        return [reader.name for reader in visibility.readers_of(desk.opened(case_id), today, now)]

    assert named() == [cast.ana.display_name, cast.sam.display_name]
    people.close_account(actor=cast.ada, person=db.session.get_one(Person, cast.sam.id), now=now)
    assert named() == [cast.ana.display_name]
