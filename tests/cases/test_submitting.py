"""From the author's desk to the supervisor's: complete, signed for, once."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.audit.models import AuditEntry
from supervision.cases import texts
from supervision.cases.form.actions import default_definition
from supervision.cases.form.definition import parse
from supervision.cases.models import CaseVersion
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.models import OutboxMail
from tests import desk

MUST = "Ce champ est obligatoire pour soumettre."
REQUIRED = [field.key for field in parse(default_definition()).fields if field.required]
CHOSEN_ALREADY = "visibility"  # the page never leaves it open


def mails(kind: str) -> list[tuple[Any, Any]]:
    rows = select(OutboxMail.person_id, OutboxMail.subject_id).where(OutboxMail.kind == kind)
    return [tuple(row) for row in db.session.execute(rows)]


def test_submitting_seals_a_version_and_puts_one_mail(as_: Any, cast: SimpleNamespace, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    response = desk.submit(ana, case_id, desk.situation_form(cast.sam, 1))
    assert (response.status_code, response.location) == (302, f"/situations/{case_id}")
    file = desk.opened(case_id)
    assert file.draft is None
    assert file.version is not None
    assert (file.version.number, file.version.supervisor_id) == (1, cast.sam.id)
    assert texts.situation(file, keyring) == desk.situation_fields(cast.sam)
    assert mails("case-submitted") == [(cast.sam.id, case_id)]
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_id, entry.subject) == ("case-submitted", cast.ana.id, f"case/{case_id}")


def test_a_replayed_submission_arrives_where_the_first_one_did(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    form = desk.situation_form(cast.sam, 1)
    first, second = desk.submit(ana, case_id, form), desk.submit(ana, case_id, form)
    assert (
        (second.status_code, second.location) == (first.status_code, first.location) == (302, f"/situations/{case_id}")
    )
    assert len(db.session.scalars(select(CaseVersion).where(CaseVersion.case_id == case_id)).all()) == 1
    assert mails("case-submitted") == [(cast.sam.id, case_id)]


@pytest.mark.parametrize("name", [name for name in REQUIRED if name != CHOSEN_ALREADY])
def test_a_missing_field_says_so_and_the_rest_is_kept(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, name: str
) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    form = {key: value for key, value in desk.situation_form(cast.sam, 1).items() if key != name}
    page = desk.submit(ana, case_id, form)
    assert page.status_code == 422
    assert f'id="{name}-error"' in page.text
    assert f'<a href="#{name}">' in page.text
    assert page.text.count(MUST) == 2  # in the summary and at the field
    file = desk.opened(case_id)
    assert file.version is None
    kept = {key: value for key, value in desk.situation_fields(cast.sam).items() if key != name}
    assert texts.situation(file, keyring) == kept
    assert mails("case-submitted") == []


def test_an_empty_form_names_every_field_that_is_missing(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    page = desk.submit(ana, desk.id_in(desk.begin(ana)), {"revision": 1})
    assert page.status_code == 422
    lacking = [*(name for name in REQUIRED if name != CHOSEN_ALREADY), "reality_self", "fears_self"]
    assert [name for name in lacking if f'id="{name}-error"' not in page.text] == []
    assert "Écrivez quelques mots sur 2 compétences au moins, celles de votre choix." in page.text


def test_blanks_are_not_a_text(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    page = desk.submit(ana, desk.id_in(desk.begin(ana)), desk.situation_form(cast.sam, 1, account=" \n\u200b\t"))
    assert page.status_code == 422
    assert 'id="account-error"' in page.text


def test_nobody_submits_before_signing_the_code_and_the_draft_is_kept(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    lee = as_(cast.lee)  # has not signed
    case_id = desk.id_in(desk.begin(lee))
    page = desk.submit(lee, case_id, desk.situation_form(cast.noor, 1))
    assert page.status_code == 403
    assert "/deontologie" in page.text or "/code" in page.text
    file = desk.opened(case_id)
    assert file.version is None
    assert texts.situation(file, keyring) == desk.situation_fields(cast.noor)
    assert mails("case-submitted") == []


def test_the_page_that_refused_can_be_sent_again(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    refused = desk.submit(ana, case_id, desk.situation_form(cast.sam, 1, title=""))
    assert 'name="revision" id="revision" value="2"' in refused.text
    assert desk.submit(ana, case_id, desk.situation_form(cast.sam, 2)).status_code == 302


@pytest.mark.parametrize("who", ["noor", "ana", "ada"])
def test_only_a_supervisor_of_a_running_agreement_can_be_chosen(as_: Any, cast: SimpleNamespace, who: str) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    page = desk.submit(ana, case_id, desk.situation_form(getattr(cast, who), 1))
    assert page.status_code == 422
    assert 'id="supervisor-error"' in page.text
    assert "Une personne quitte la salle." in page.text
    assert desk.opened(case_id).version is None
    assert mails("case-submitted") == []


def test_without_an_agreement_one_writes_but_does_not_submit(as_: Any, cast: SimpleNamespace, now: Any) -> None:
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    db.session.commit()
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    unsupervised = {**desk.situation_form(cast.sam, 1), "supervisor": ""}
    assert desk.save(ana, case_id, unsupervised).status_code == 302
    page = desk.submit(ana, case_id, desk.situation_form(cast.sam, 2))
    assert page.status_code == 422
    assert desk.opened(case_id).version is None
    assert mails("case-submitted") == []


def test_a_submitted_version_cannot_be_written_to(as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    response = desk.save(as_(cast.sam), case_id, desk.situation_form(cast.sam, 1, account="Réécrit."))
    assert response.status_code == 403
    assert texts.situation(desk.opened(case_id), keyring)["account"] == desk.SITUATION["account"]


def test_a_next_meeting_that_is_past_is_refused_at_its_field_when_submitting_and_kept_while_drafting(
    as_: Any, cast: SimpleNamespace, today: date
) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    yesterday = str(today - timedelta(days=1))
    assert desk.save(ana, case_id, desk.situation_form(cast.sam, 1, next_on=yesterday)).status_code == 302
    for then in ("submit", "review"):
        revision = desk.opened(case_id).draft.revision
        db.session.commit()
        form = desk.situation_form(cast.sam, revision, next_on=yesterday, then=then)
        page = desk.save(ana, case_id, form)
        assert (page.status_code, 'id="next_on-error"' in page.text) == (422, True)
        assert "Cette date est passée." in page.text
    assert "Cette date est passée." in ana.get(f"/situations/{case_id}/relecture").text
    revision = desk.opened(case_id).draft.revision
    db.session.commit()
    read_over = {"then": "submit", "revision": revision}
    assert ana.post(f"/situations/{case_id}/relecture", data=read_over).status_code == 422
    assert desk.opened(case_id).version is None
    revision = desk.opened(case_id).draft.revision
    db.session.commit()
    assert desk.submit(ana, case_id, desk.situation_form(cast.sam, revision, next_on=str(today))).status_code == 302
