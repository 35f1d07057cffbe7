"""What follows from each move: who reads what, who is waited for, who is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.cases import texts
from supervision.cases.models import CaseReading, CaseVersion
from supervision.cases.retention.models import Purge
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from supervision.reminders import actions as reminders
from tests import desk
from tests.client import FreshClient
from tests.facts import acts, mails, one, rows

As = Callable[[Person], FreshClient]


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's, with Sam since eight days."""
    brought = desk.bring(cast.ana, cast.sam, keyring, now - timedelta(days=8))
    db.session.commit()
    return brought


def post(client: FreshClient, case_id: UUID, path: str, **form: str) -> int:
    return client.post(f"/situations/{case_id}/{path}", data=form).status_code


def reminded(now: datetime, days: float) -> list[str]:
    """The stages of the reminders that are planned this many days from now."""
    reminders.plan(now=now + timedelta(days=days))
    db.session.commit()
    return [mail.key.rpartition("/")[2] for mail in mails("feedback-due")]


# --- withdrawal -------------------------------------------------------------------------------------------------------


def test_a_withdrawn_case_is_a_draft_with_the_same_words_and_gone_for_its_supervisor(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    assert post(as_(cast.ana), case_id, "retirer") == 302
    file = desk.opened(case_id)
    assert texts.draft(file, keyring) == texts.version(file, file.version, keyring)
    assert as_(cast.sam).get(f"/situations/{case_id}").status_code == 404
    assert str(case_id) not in as_(cast.sam).get("/situations/recues").text
    assert acts("case-withdrawn") == [("case-withdrawn", cast.ana.id, f"case/{case_id}")]


def test_what_was_opened_a_moment_before_is_not_withdrawn(as_: As, cast: SimpleNamespace, case_id: UUID) -> None:
    as_(cast.sam).get(f"/situations/{case_id}")
    assert post(as_(cast.ana), case_id, "retirer") == 403
    assert as_(cast.sam).get(f"/situations/{case_id}").status_code == 200


def test_a_withdrawn_case_comes_back_as_its_second_version(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    post(as_(cast.ana), case_id, "retirer")
    desk.hand_in(cast.ana, cast.sam, case_id, keyring, now, title="Repris au calme")
    db.session.commit()
    page = as_(cast.sam).get(f"/situations/{case_id}")
    assert (page.status_code, "Repris au calme" in page.text) == (200, True)
    assert rows(select(CaseVersion.number).where(CaseVersion.case_id == case_id).order_by(CaseVersion.number)) == [1, 2]


def test_a_withdrawn_case_that_is_thrown_away_is_purged_and_its_existence_kept(
    as_: As, cast: SimpleNamespace, case_id: UUID
) -> None:
    ana = as_(cast.ana)
    post(ana, case_id, "retirer")
    assert post(ana, case_id, "jeter") == 302
    assert one(select(Purge.because).where(Purge.case_id == case_id)) == "discarded"
    page = ana.get(f"/situations/{case_id}")
    assert (page.status_code, desk.SITUATION["title"] in page.text) == (200, False)


# --- supplements ------------------------------------------------------------------------------------------------------


def test_while_a_supplement_is_asked_nobody_reminds_the_supervisor(
    as_: As, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    assert reminded(now, 2.1) == ["-4d"]
    post(as_(cast.sam), case_id, "demander-un-complement", text="Combien étaient-ils ?")
    assert reminded(now, 20) == ["-4d"]
    assert [mail.person_id for mail in mails("supplement-asked")] == [cast.ana.id]


def test_the_wait_begins_again_when_the_supplement_is_given(
    as_: As, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    post(as_(cast.sam), case_id, "demander-un-complement", text="Combien étaient-ils ?")
    assert post(as_(cast.ana), case_id, "complement", text="Une dizaine.", press=str(new_id())) == 302
    file = desk.opened(case_id)
    assert (file.facts.asked_at, now - timedelta(minutes=1) < file.waits_since) == (None, True)
    assert reminded(now, 9.9) == []
    assert reminded(now, 10.1) == ["-4d"]
    assert [mail.person_id for mail in mails("supplement-given")] == [cast.sam.id]


def test_both_sides_read_what_was_asked_and_what_was_added(as_: As, cast: SimpleNamespace, case_id: UUID) -> None:
    post(as_(cast.sam), case_id, "demander-un-complement", text="Combien étaient-ils ?")
    post(as_(cast.ana), case_id, "complement", text="Une dizaine, assis en rond.", press=str(new_id()))
    pages = [as_(person).get(f"/situations/{case_id}").text for person in (cast.ana, cast.sam)]
    assert [("Combien étaient-ils" in page, "assis en rond" in page) for page in pages] == [(True, True)] * 2


def test_pressing_twice_adds_one_supplement(as_: As, cast: SimpleNamespace, case_id: UUID) -> None:
    press, ana = str(new_id()), as_(cast.ana)
    assert [post(ana, case_id, "complement", text="Autre chose.", press=press) for _ in range(2)] == [302, 302]
    assert len(mails("supplement-given")) == 1


def test_an_empty_request_is_refused_at_its_field(as_: As, cast: SimpleNamespace, case_id: UUID) -> None:
    page = as_(cast.sam).post(f"/situations/{case_id}/demander-un-complement", data={"text": "  "})
    assert (page.status_code, "text-error" in page.text) == (422, True)


# --- a revision -------------------------------------------------------------------------------------------------------


def test_the_version_that_was_submitted_stays_readable_until_the_next_one_is(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    sam = as_(cast.sam)
    assert post(as_(cast.ana), case_id, "reviser") == 302
    assert desk.SITUATION["title"] in sam.get(f"/situations/{case_id}").text
    desk.hand_in(cast.ana, cast.sam, case_id, keyring, now, title="Autrement dit")
    db.session.commit()
    page = sam.get(f"/situations/{case_id}").text
    assert "Autrement dit" in page
    assert len(mails("case-submitted")) == 2


def test_throwing_a_revision_away_leaves_the_version(as_: As, cast: SimpleNamespace, case_id: UUID) -> None:
    ana = as_(cast.ana)
    post(ana, case_id, "reviser")
    assert post(ana, case_id, "jeter") == 302
    assert as_(cast.sam).get(f"/situations/{case_id}").status_code == 200
    assert desk.opened(case_id).draft is None


def test_a_revision_is_not_begun_twice(as_: As, cast: SimpleNamespace, case_id: UUID) -> None:
    ana = as_(cast.ana)
    assert [post(ana, case_id, "reviser") for _ in range(2)] == [302, 403]


def test_a_feedback_begun_on_one_version_waits_on_the_next(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    sam = as_(cast.sam)
    desk.feed_back(sam, case_id, heard="Commencé sur la première.")
    post(as_(cast.ana), case_id, "reviser")
    desk.hand_in(cast.ana, cast.sam, case_id, keyring, now)
    db.session.commit()
    assert "Commencé sur la première." in sam.get(f"/situations/{case_id}/retour").text


def test_a_word_that_came_while_she_wrote_the_next_version_has_been_read_once_she_opens_the_case(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    desk.respond(cast.sam, case_id, keyring, now - timedelta(days=2))
    desk.answer(cast.ana, case_id, keyring, now - timedelta(days=1))
    db.session.commit()
    ana = as_(cast.ana)
    post(ana, case_id, "reviser")
    post(as_(cast.sam), case_id, "mot", press=str(new_id()), message="Un mot de plus.")
    desk.hand_in(cast.ana, cast.sam, case_id, keyring, now)
    db.session.commit()
    link = f'href="/situations/{case_id}'
    assert link in ana.get("/").text
    assert "Un mot de plus." in ana.get(f"/situations/{case_id}").text
    assert link not in ana.get("/").text
    assert len(rows(select(CaseReading.id).where(CaseReading.reader_id == cast.ana.id))) == 1


@pytest.mark.parametrize(
    ("who", "path", "form", "is_closed"),
    [
        ("ana", "mot", {"message": "Un long mot."}, True),
        ("sam", "mot", {"message": "Un long mot."}, True),
        ("sam", "retour/completer", {"correction": "Un long mot."}, True),
        ("sam", "demander-un-complement", {"text": "Un long mot."}, False),
        ("ana", "complement", {"text": "Un long mot."}, False),
    ],
)
def test_what_was_written_while_the_case_moved_on_is_given_back_and_not_kept(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime,
    who: str, path: str, form: dict[str, str], is_closed: bool,
) -> None:  # fmt: skip
    desk.respond(cast.sam, case_id, keyring, now - timedelta(days=2))
    db.session.commit()
    if is_closed:
        as_(cast.ana).get(f"/situations/{case_id}")
        post(as_(cast.ana), case_id, "clore")
    url, data = f"/situations/{case_id}/{path}", {**form, "press": str(new_id())}
    answer = as_(getattr(cast, who)).post(url, data=data)
    assert (answer.status_code, "Un long mot." in answer.text) == (403, True)
    assert "Un long mot." not in as_(cast.ana).get(f"/situations/{case_id}").text


# --- the day ----------------------------------------------------------------------------------------------------------


def test_an_announced_day_is_shown_to_the_author_and_moves_the_reminders(
    as_: As, cast: SimpleNamespace, case_id: UUID, now: datetime, today: date
) -> None:
    due = today + timedelta(days=30)
    assert post(as_(cast.sam), case_id, "echeance", due_on=due.isoformat()) == 302
    assert reminded(now, 20) == []
    assert reminded(now, 27.5) == ["-4d"]
    assert desk.opened(case_id).agreed_on == due


def test_a_day_that_is_past_is_refused(as_: As, cast: SimpleNamespace, case_id: UUID, today: date) -> None:
    past = (today - timedelta(days=1)).isoformat()
    assert [post(as_(cast.sam), case_id, "echeance", due_on=day) for day in (past, "bientôt", "")] == [422] * 3


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-24", "2226-11-22"])
def test_a_day_at_the_end_of_the_calendar_is_refused_and_stops_nobodys_reminders(
    as_: As, cast: SimpleNamespace, case_id: UUID, now: datetime, day: str
) -> None:
    sam = as_(cast.sam)
    assert post(sam, case_id, "echeance", due_on=day) == 422
    assert [sam.get(page).status_code for page in ("/", "/situations/recues", f"/situations/{case_id}")] == [200] * 3
    assert reminded(now, 7) == ["+0d"]


# --- the end ----------------------------------------------------------------------------------------------------------


def test_a_closed_case_is_read_by_both_and_reopened_by_either(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    desk.respond(cast.sam, case_id, keyring, now - timedelta(days=2))
    desk.answer(cast.ana, case_id, keyring, now - timedelta(days=1))
    db.session.commit()
    ana, sam = as_(cast.ana), as_(cast.sam)
    assert [post(ana, case_id, "clore"), post(ana, case_id, "clore")] == [302, 403]
    assert [client.get(f"/situations/{case_id}").status_code for client in (ana, sam)] == [200, 200]
    assert [post(sam, case_id, "rouvrir"), post(sam, case_id, "rouvrir")] == [302, 403]
    told = select(OutboxMail.kind).where(OutboxMail.subject_id == case_id, OutboxMail.kind.like("case-c%"))
    assert rows(told) == []


def test_the_next_version_of_a_case_that_was_closed_meanwhile_waits_for_nobody_until_it_is_reopened(
    as_: As, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    desk.respond(cast.sam, case_id, keyring, now - timedelta(days=2))
    desk.answer(cast.ana, case_id, keyring, now - timedelta(days=1))
    db.session.commit()
    ana, sam, link = as_(cast.ana), as_(cast.sam), f'href="/situations/{case_id}'
    post(ana, case_id, "reviser")
    seen = [link in ana.get("/").text]
    for path in ("clore", "rouvrir"):
        post(sam, case_id, path)
        seen.append(link in ana.get("/").text)
    assert seen == [True, False, True]
