"""A case whose supervisor can no longer read it is given to another one by its author, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases.models import CaseVersion
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from supervision.reminders import actions as reminders
from tests import desk
from tests.client import FreshClient

As = Callable[[Person], FreshClient]
STRANDED = "personne ne peut répondre à cette situation"


@pytest.fixture
def stranded(cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date) -> UUID:
    """Ana's case, brought to Sam, whose agreement with Ana has ended; Noor supervises Ana from today."""
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - timedelta(days=12))
    with_sam = db.session.scalars(
        select(Agreement).where(Agreement.supervisee_id == cast.ana.id, Agreement.supervisor_id == cast.sam.id)
    ).one()
    agreements.end(actor=cast.sam, agreement=with_sam, now=now)
    with_noor = agreements.propose(
        actor=cast.ana, supervisee=cast.ana, supervisor=cast.noor, starts_on=today, ends_on=None, now=now
    )
    agreements.sign(actor=cast.ana, agreement=with_noor, now=now)
    agreements.sign(actor=cast.noor, agreement=with_noor, now=now)
    db.session.commit()
    return case_id


def hand_over(client: FreshClient, case_id: UUID, supervisor: Person) -> int:
    return client.post(f"/situations/{case_id}/confier", data={"supervisor": str(supervisor.id)}).status_code


def test_a_stranded_case_waits_on_its_authors_home_and_says_so(as_: As, cast: SimpleNamespace, stranded: UUID) -> None:
    ana = as_(cast.ana)
    assert "Aucun contrat ne court plus avec Sam Delcourt" in ana.get("/").text
    assert STRANDED in ana.get(f"/situations/{stranded}").text


def test_a_case_that_is_read_is_not_stranded(as_: As, cast: SimpleNamespace, keyring: Keyring, now: datetime) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    ana = as_(cast.ana)
    assert "Aucun contrat ne court plus" not in ana.get("/").text
    assert STRANDED not in ana.get(f"/situations/{case_id}").text
    assert hand_over(ana, case_id, cast.noor) == 403


def test_the_new_supervisor_reads_the_same_words_and_the_former_one_nothing(
    as_: As, cast: SimpleNamespace, stranded: UUID
) -> None:
    assert hand_over(as_(cast.ana), stranded, cast.noor) == 302
    page = as_(cast.noor).get(f"/situations/{stranded}")
    assert (page.status_code, desk.SITUATION["critical_moment"] in page.text) == (200, True)
    assert as_(cast.sam).get(f"/situations/{stranded}").status_code == 404


def test_the_case_stays_one_line_in_every_list(as_: As, cast: SimpleNamespace, stranded: UUID) -> None:
    hand_over(as_(cast.ana), stranded, cast.noor)
    link = f'href="/situations/{stranded}"'
    lists = (as_(cast.ana).get("/situations"), as_(cast.noor).get("/situations/recues"), as_(cast.noor).get("/"))
    assert [page.text.count(link) for page in lists[:2]] == [1, 1]
    assert str(stranded) in lists[2].text
    assert "Aucun contrat ne court plus" not in as_(cast.ana).get("/").text


def test_the_new_supervisor_is_told_by_mail_and_reminded_from_that_day(
    as_: As, cast: SimpleNamespace, stranded: UUID, now: datetime
) -> None:
    hand_over(as_(cast.ana), stranded, cast.noor)
    reminders.plan(now=now + timedelta(days=10, hours=1))
    told = select(OutboxMail.kind).where(OutboxMail.person_id == cast.noor.id, OutboxMail.subject_id == stranded)
    to_sam = select(OutboxMail.kind).where(OutboxMail.person_id == cast.sam.id, OutboxMail.kind == "feedback-due")
    assert sorted(db.session.scalars(told)) == ["case-submitted", "feedback-due"]
    assert list(db.session.scalars(to_sam)) == []


def test_handing_over_twice_makes_one_version_more(as_: As, cast: SimpleNamespace, stranded: UUID) -> None:
    ana = as_(cast.ana)
    assert [hand_over(ana, stranded, cast.noor) for _ in range(2)] == [302, 403]
    numbers = select(CaseVersion.number).where(CaseVersion.case_id == stranded).order_by(CaseVersion.number)
    assert list(db.session.scalars(numbers)) == [1, 2]


def test_nobody_else_hands_it_over_and_nobody_unknown_receives_it(
    as_: As, cast: SimpleNamespace, stranded: UUID
) -> None:
    assert [hand_over(as_(person), stranded, cast.noor) for person in (cast.sam, cast.noor, cast.lee)] == [404] * 3
    assert hand_over(as_(cast.ana), stranded, cast.sam) == 422


def test_a_draft_is_saved_although_the_chosen_supervisor_is_gone(
    as_: As, cast: SimpleNamespace, stranded: UUID, keyring: Keyring, now: datetime
) -> None:
    case_id = desk.draft(cast.ana, keyring, now)
    form = desk.situation_form(cast.sam, desk.opened(case_id).draft.revision, account="Encore une phrase.")
    assert desk.save(as_(cast.ana), case_id, form, partial=True).status_code == 200


def test_a_refused_choice_is_said_at_its_field(as_: As, cast: SimpleNamespace, stranded: UUID) -> None:
    page = as_(cast.ana).post(f"/situations/{stranded}/confier", data={"supervisor": str(cast.sam.id)})
    assert (page.status_code, 'id="supervisor-error"' in page.text) == (422, True)
