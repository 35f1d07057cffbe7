"""A draft: begun once for each press of the button, saved as it grows, never overwritten unseen."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from supervision.agreements import actions as agreements
from supervision.cases import texts
from supervision.cases.models import Case, CaseDraft, CaseKey
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from tests import desk


def revision_in(page: str) -> int:
    found = re.search(r'name="revision" id="revision" value="(\d+)"', page)
    assert found, page
    return int(found[1])


def test_a_double_click_makes_one_case(as_: Any, cast: SimpleNamespace) -> None:
    ana, key = as_(cast.ana), new_id()
    first, second = desk.begin(ana, key), desk.begin(ana, key)
    assert (first.status_code, first.location) == (302, second.location)
    assert db.session.scalar(select(func.count(Case.id)).where(Case.author_id == cast.ana.id)) == 1


def test_two_presses_of_two_pages_make_two_cases(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    assert desk.id_in(desk.begin(ana)) != desk.id_in(desk.begin(ana))


def test_the_same_key_of_two_people_makes_a_case_for_each(as_: Any, cast: SimpleNamespace) -> None:
    key = new_id()
    assert desk.id_in(desk.begin(as_(cast.ana), key)) != desk.id_in(desk.begin(as_(cast.lee), key))


@pytest.mark.parametrize("key", ["", "no-uuid", "1234"])
def test_a_malformed_creation_key_makes_no_case(as_: Any, cast: SimpleNamespace, key: str) -> None:
    response = as_(cast.ana).post("/situations/nouvelle", data={"creation_key": key})
    assert response.status_code == 400
    assert db.session.scalar(select(func.count(Case.id)).where(Case.author_id == cast.ana.id)) == 0


def test_whoever_only_holds_an_office_brings_no_case(as_: Any, cast: SimpleNamespace) -> None:
    assert desk.begin(as_(cast.ada)).status_code == 403


def test_saving_keeps_the_text_and_raises_the_revision(as_: Any, cast: SimpleNamespace, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    response = desk.save(ana, case_id, desk.situation_form(cast.sam, 1))
    assert (response.status_code, response.location) == (302, f"/situations/{case_id}/brouillon")
    file = desk.opened(case_id)
    assert texts.situation(file, keyring) == desk.situation_fields(cast.sam)
    assert file.draft is not None
    assert file.draft.revision == 2
    page = ana.get(f"/situations/{case_id}/brouillon").text
    assert revision_in(page) == 2
    assert "Une personne quitte la salle." in page


def test_saving_while_one_writes_gives_back_a_line_and_the_new_revision(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    response = desk.save(ana, case_id, desk.situation_form(cast.sam, 1), partial=True)
    assert response.status_code == 200
    assert revision_in(response.text) == 2
    assert response.text.startswith('<p id="save-state"')
    assert "<html" not in response.text


def test_a_draft_accepts_anything_even_nothing(as_: Any, cast: SimpleNamespace, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    assert desk.save(ana, case_id, {"revision": 1}).status_code == 302
    assert texts.situation(desk.opened(case_id), keyring) == {"visibility": "supervisor"}


def test_the_second_tab_is_told_and_overwrites_nothing(as_: Any, cast: SimpleNamespace, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="Du premier onglet."))
    late = desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="Du second onglet."), partial=True)
    assert late.status_code == 409
    assert 'id="save-state"' in late.text
    assert "revision" not in late.text
    assert texts.situation(desk.opened(case_id), keyring)["account"] == "Du premier onglet."


def test_the_second_tab_is_shown_both_texts_and_may_then_choose(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="Du premier onglet."))
    page = desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="Du second onglet."))
    assert page.status_code == 409
    assert '<div class="prose text">Du premier onglet.</div>' in page.text
    assert re.search(r'<textarea[^>]*name="account"[^>]*>\s*Du second onglet\.</textarea>', page.text)
    assert texts.situation(desk.opened(case_id), keyring)["account"] == "Du premier onglet."
    again = desk.situation_form(cast.sam, revision_in(page.text), account="Du second onglet.")
    assert desk.save(ana, case_id, again).status_code == 302
    assert texts.situation(desk.opened(case_id), keyring)["account"] == "Du second onglet."


def test_what_the_second_tab_did_not_touch_is_taken_from_the_first_one(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="Du premier onglet.", step="last"))
    second = desk.situation_form(cast.sam, 1, account="Périmé.", what_i_did="Du second onglet.", touched=" what_i_did")
    page = desk.save(ana, case_id, second)
    assert page.status_code == 409
    assert re.search(r'<textarea[^>]*name="account"[^>]*>\s*Du premier onglet\.</textarea>', page.text)
    assert re.search(r'<textarea[^>]*name="what_i_did"[^>]*>\s*Du second onglet\.</textarea>', page.text)
    assert '<option selected value="last">' in page.text
    assert '<div class="prose text">Du premier onglet.</div>' not in page.text  # no difference is left there


def test_the_other_text_names_the_other_supervisor_and_not_her_id(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any, today: Any
) -> None:
    supervise(cast.ana, cast.noor, today, now)
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    desk.save(ana, case_id, desk.situation_form(cast.noor, 1))
    page = desk.save(ana, case_id, desk.situation_form(cast.sam, 1))
    assert page.status_code == 409
    assert '<div class="prose text">Noor Haddad</div>' in page.text
    assert f'<div class="prose text">{cast.noor.id}</div>' not in page.text


def supervise(supervisee: Any, supervisor: Any, today: Any, now: Any) -> None:
    agreement = agreements.propose(
        actor=supervisee, supervisee=supervisee, supervisor=supervisor, starts_on=today, ends_on=None, now=now
    )
    agreements.sign(actor=supervisee, agreement=agreement, now=now)
    agreements.sign(actor=supervisor, agreement=agreement, now=now)
    db.session.commit()


@pytest.mark.parametrize("partial", [False, True])
def test_a_submission_from_an_old_tab_is_a_conflict_too(as_: Any, cast: SimpleNamespace, partial: bool) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="Du premier onglet."))
    late = desk.save(ana, case_id, desk.situation_form(cast.sam, 1, then="submit"), partial=partial)
    assert late.status_code == 409
    assert desk.opened(case_id).version is None


@pytest.mark.parametrize("revision", ["", "x", "-1", "1.5", str(2**40), "1; DROP TABLE"])
def test_a_page_that_lost_its_revision_overwrites_nothing_and_keeps_its_text(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, revision: str
) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    page = desk.save(ana, case_id, desk.situation_form(cast.sam, revision, account="À garder."))
    assert page.status_code == 409
    assert "À garder." in page.text
    assert texts.situation(desk.opened(case_id), keyring) == {}
    assert revision_in(page.text) == 1  # from here it can be saved again


def test_a_late_save_of_a_submitted_case_is_told_so(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    desk.submit(ana, case_id, desk.situation_form(cast.sam, 1))
    late = desk.save(ana, case_id, desk.situation_form(cast.sam, 1), partial=True)
    assert late.status_code == 409
    assert f'href="/situations/{case_id}"' in late.text


def test_discarding_a_draft_destroys_its_key(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id, kept = desk.id_in(desk.begin(ana)), desk.id_in(desk.begin(ana))
    response = ana.post(f"/situations/{case_id}/jeter")
    assert (response.status_code, response.location) == (302, "/situations")
    rows = {
        model.__tablename__: db.session.scalars(select(column)).all()
        for model, column in ((Case, Case.id), (CaseKey, CaseKey.case_id), (CaseDraft, CaseDraft.case_id))
    }
    assert rows == {"case": [kept], "case_key": [kept], "case_draft": [kept]}
    assert ana.get(f"/situations/{case_id}/brouillon").status_code == 404


def test_a_submitted_case_is_not_thrown_away(as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    response = as_(cast.ana).post(f"/situations/{case_id}/jeter")
    assert (response.status_code, response.location) == (302, f"/situations/{case_id}")
    assert desk.opened(case_id).version is not None
