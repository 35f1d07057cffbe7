"""A case whose supervisor can no longer read it is given to another one by its author, and by nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import current_app
from sqlalchemy import select

from supervision import clock
from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases import queries
from supervision.cases.feedback import actions as feedback
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.loads import queries as loads
from supervision.cases.models import CaseAssignment, CaseVersion
from supervision.crypto import Keyring
from supervision.db import db
from supervision.home import queries as home
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from supervision.people.viewer import Viewer
from supervision.reminders import actions as reminders
from tests import desk
from tests.client import FreshClient
from tests.facts import mails

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
    assert hand_over(ana, case_id, cast.noor) == 422  # nobody else supervises her


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


def test_handing_over_twice_moves_it_once_and_makes_no_new_version(
    as_: As, cast: SimpleNamespace, stranded: UUID
) -> None:
    ana = as_(cast.ana)
    assert [hand_over(ana, stranded, cast.noor) for _ in range(2)] == [302, 422]
    moved = select(CaseAssignment.supervisor_id).where(CaseAssignment.case_id == stranded)
    numbers = select(CaseVersion.number).where(CaseVersion.case_id == stranded)
    assert list(db.session.scalars(moved.order_by(CaseAssignment.number))) == [cast.sam.id, cast.noor.id]
    assert list(db.session.scalars(numbers)) == [1]


def test_an_author_may_change_her_mind_between_two_supervisors_who_both_run(
    as_: As, cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date
) -> None:
    with_noor = agreements.propose(
        actor=cast.ana, supervisee=cast.ana, supervisor=cast.noor, starts_on=today, ends_on=None, now=now
    )
    agreements.sign(actor=cast.ana, agreement=with_noor, now=now)
    agreements.sign(actor=cast.noor, agreement=with_noor, now=now)
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    assert hand_over(as_(cast.ana), case_id, cast.noor) == 302
    seen = [as_(person).get(f"/situations/{case_id}").status_code for person in (cast.sam, cast.noor)]
    assert seen == [404, 200]


# --- a proposal -------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposed(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Inès, who coordinates, proposes Noor, with whom Ana has no agreement, for a case that waits with Sam."""
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - timedelta(days=12))
    lifecycle.propose_handover(actor=cast.ines, supervisor=cast.noor, case_id=case_id, author_id=cast.ana.id, now=now)
    db.session.commit()
    return case_id


def read_by(as_: As, cast: SimpleNamespace, case_id: UUID) -> list[int]:
    return [as_(person).get(f"/situations/{case_id}").status_code for person in (cast.sam, cast.noor)]


def test_a_proposal_moves_nothing_by_itself_and_tells_the_author(
    as_: As, cast: SimpleNamespace, proposed: UUID
) -> None:
    assert read_by(as_, cast, proposed) == [200, 404]
    assert [mail.person_id for mail in mails("handover-proposed")] == [cast.ana.id]
    assert "handover-to-decide" in waiting_kinds(cast, as_)


def waiting_kinds(cast: SimpleNamespace, as_: As) -> set[str]:
    viewer = Viewer(cast.ana, desk.roles_of(cast.ana))
    now = clock.now()
    keyring = current_app.extensions["keyring"]
    return {row.kind for row in home.what_waits(viewer, now.date(), keyring, now, target_days=14)}


def test_with_the_authors_consent_the_proposed_one_reads_it_without_an_agreement(
    as_: As, cast: SimpleNamespace, proposed: UUID
) -> None:
    assert as_(cast.ana).post(f"/situations/{proposed}/proposition/accepter").status_code == 302
    assert read_by(as_, cast, proposed) == [404, 200]
    assert desk.publish(as_(cast.noor), proposed).status_code == 302


def test_what_the_former_one_has_just_sent_off_is_hers_alone_to_see_and_to_take_back(
    as_: As, cast: SimpleNamespace, proposed: UUID, keyring: Keyring, now: datetime
) -> None:
    desk.sign(cast.sam, proposed, keyring, now)
    db.session.commit()
    as_(cast.ana).post(f"/situations/{proposed}/proposition/accepter")
    noor = as_(cast.noor)
    assert desk.FEEDBACK["heard"] not in noor.get(f"/situations/{proposed}").text
    assert noor.post(f"/situations/{proposed}/retour/reprendre").status_code == 403


def test_the_next_version_goes_to_whoever_she_consented_to_and_not_back_to_the_former_one(
    as_: As, cast: SimpleNamespace, proposed: UUID
) -> None:
    ana = as_(cast.ana)
    ana.post(f"/situations/{proposed}/proposition/accepter")
    ana.post(f"/situations/{proposed}/reviser")
    assert submit_as_read_over(ana, proposed) == 302
    file = desk.opened(proposed)
    assert (file.version.supervisor_id, file.assignment.supervisor_id) == (cast.noor.id, cast.noor.id)


def test_a_next_version_begun_before_the_consent_does_not_hand_the_case_back(
    as_: As, cast: SimpleNamespace, proposed: UUID
) -> None:
    ana = as_(cast.ana)
    ana.post(f"/situations/{proposed}/reviser")
    ana.post(f"/situations/{proposed}/proposition/accepter")
    chosen = re.findall(r'<option selected value="([^"]*)">Noor', ana.get(f"/situations/{proposed}/brouillon").text)
    assert chosen == [str(cast.noor.id)]
    assert submit_as_read_over(ana, proposed) == 302
    assert desk.opened(proposed).assignment.supervisor_id == cast.noor.id


def test_the_author_may_still_choose_her_other_supervisor_for_the_next_version(
    as_: As, cast: SimpleNamespace, proposed: UUID
) -> None:
    ana = as_(cast.ana)
    ana.post(f"/situations/{proposed}/proposition/accepter")
    ana.post(f"/situations/{proposed}/reviser")
    assert desk.submit(ana, proposed, desk.situation_form(cast.sam, 1)).status_code == 302
    assert read_by(as_, cast, proposed) == [200, 404]


def submit_as_read_over(client: FreshClient, case_id: UUID) -> int:
    """The draft as it lies there."""
    draft = desk.opened(case_id).draft
    sent = {"then": "submit", "revision": draft.revision}
    db.session.commit()
    return client.post(f"/situations/{case_id}/relecture", data=sent).status_code


def test_a_declined_proposal_leaves_the_case_where_it_is(as_: As, cast: SimpleNamespace, proposed: UUID) -> None:
    ana = as_(cast.ana)
    assert ana.post(f"/situations/{proposed}/proposition/decliner").status_code == 302
    assert read_by(as_, cast, proposed) == [200, 404]
    late = ana.post(f"/situations/{proposed}/proposition/accepter", follow_redirects=True)
    assert "Aucune proposition n’attend plus votre réponse. Votre situation est confiée à Sam Delcourt." in late.text
    assert read_by(as_, cast, proposed) == [200, 404]


def test_a_newer_proposal_takes_the_place_of_the_one_that_waited(
    as_: As, cast: SimpleNamespace, proposed: UUID, now: datetime
) -> None:
    lifecycle.propose_handover(actor=cast.ines, supervisor=cast.paul, case_id=proposed, author_id=cast.ana.id, now=now)
    db.session.commit()
    as_(cast.ana).post(f"/situations/{proposed}/proposition/accepter")
    assert desk.opened(proposed).assignment.supervisor_id == cast.paul.id


def test_only_the_author_consents(as_: As, cast: SimpleNamespace, proposed: UUID) -> None:
    tried = [as_(person).post(f"/situations/{proposed}/proposition/accepter") for person in (cast.sam, cast.noor)]
    assert [page.status_code for page in tried] == [403, 404]
    assert read_by(as_, cast, proposed) == [200, 404]


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


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_proposal_she_never_answered_does_not_come_back_with_the_version_after_the_feedback(
    as_: As, cast: SimpleNamespace, proposed: UUID, keyring: Keyring, now: datetime, is_answered: bool
) -> None:
    """Without a feedback in between, the next version still has no other reader than the one who is proposed."""
    if is_answered:
        desk.respond(cast.sam, proposed, keyring, now + timedelta(days=1))
    file = desk.opened(proposed, now + timedelta(days=90))
    lifecycle.revise(file=file, keyring=keyring, now=now + timedelta(days=90))
    desk.hand_in(cast.ana, cast.sam, proposed, keyring, now + timedelta(days=91))
    db.session.commit()
    waits = not is_answered
    assert ("handover-to-decide" in waiting_kinds(cast, as_)) == waits
    assert (queries.open_proposal(proposed) is not None) == waits
    assert (loads.proposed([proposed]) != {}) == waits


def test_a_recalled_feedback_leaves_the_proposal_as_it_was(
    cast: SimpleNamespace, proposed: UUID, keyring: Keyring, now: datetime
) -> None:
    desk.sign(cast.sam, proposed, keyring, now)
    feedback.recall(author=cast.sam, file=desk.opened(proposed, now), keyring=keyring, now=now)
    lifecycle.revise(file=desk.opened(proposed, now), keyring=keyring, now=now)
    desk.hand_in(cast.ana, cast.sam, proposed, keyring, now)
    assert queries.open_proposal(proposed) is not None
