"""The page of a situation: what each kind of field takes, keeps, refuses and shows again."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from supervision.agreements import actions as agreements
from supervision.cases import texts
from supervision.cases.form import actions as forms
from supervision.cases.form import editing
from supervision.cases.form.actions import default_definition
from supervision.crypto import Keyring
from supervision.db import db
from tests import desk
from tests.client import FreshClient


@pytest.fixture
def ana(as_: Any, cast: SimpleNamespace) -> FreshClient:
    client: FreshClient = as_(cast.ana)
    return client


@pytest.fixture
def draft(cast: SimpleNamespace, keyring: Keyring, now: Any) -> UUID:
    begun = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    return begun


def page_of(client: FreshClient, case_id: UUID) -> str:
    return client.get(f"/situations/{case_id}/brouillon").text


def publish(cast: SimpleNamespace, now: Any, definition: Any) -> None:
    """The next version, in force from here on."""
    number = forms.ensure(now).number + 1
    revision = forms.save_draft(actor=cast.ines, definition=definition, revision=0, now=now)
    forms.publish(actor=cast.ines, number=number, revision=revision, now=now)
    db.session.commit()


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_every_kind_of_value_is_kept_and_shown_again(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID
) -> None:
    said = {
        "audience": "mixed",
        "session_number": "3",
        "help_kind": ["understand", "support"],
        "next_on": "2026-12-04",
        "urgency": "before-next",
        "authority_scale": "towards-rebellion",
        "defences_marks": ["irony", "silence"],
        "imperfection_none": "y",
    }
    desk.save(ana, draft, desk.situation_form(cast.sam, 1, **said))
    kept = {**said, "session_number": 3, "imperfection_none": True}
    assert texts.situation(desk.opened(draft), keyring) == desk.situation_fields(cast.sam, **kept)
    page = page_of(ana, draft)
    chosen = re.findall(r'<input checked[^>]*name="(\w+)"[^>]*value="([\w-]+)"', page)
    assert {("audience", "mixed"), ("help_kind", "support"), ("defences_marks", "irony")} <= set(chosen)
    assert re.search(r'name="session_number"[^>]*value="3"', page)
    assert re.search(r'name="next_on"[^>]*value="2026-12-04"', page)
    assert '<option selected value="2026-11">novembre 2026</option>' in page


def test_a_text_about_a_competence_weighs_more_than_saying_that_it_is_not_addressed(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID
) -> None:
    desk.save(ana, draft, desk.situation_form(cast.sam, 1, reality_none="y", authority_none="y"))
    kept = texts.situation(desk.opened(draft), keyring)
    assert (kept.get("reality_self"), kept.get("reality_none"), kept.get("authority_none")) == (
        "Je regardais mes notes.",
        None,
        True,
    )


@pytest.mark.parametrize(
    ("name", "sent", "sentence"),
    [
        ("kind_of_group", "planet", "Choisissez parmi ce qui est proposé."),
        ("step", "<script>", "Choisissez parmi ce qui est proposé."),
        ("authority_scale", "6", "Choisissez parmi ce qui est proposé."),
        ("help_kind", ["understand", "money"], "Choisissez parmi ce qui est proposé."),
        ("defences_marks", ["x" * 5000], "Choisissez parmi ce qui est proposé."),
        ("period", "2026-13", "Choisissez parmi ce qui est proposé."),
        ("period", "novembre", "Choisissez parmi ce qui est proposé."),
        ("session_number", "0", "Donnez un nombre entre 1 et 99."),
        ("session_number", "100", "Donnez un nombre entre 1 et 99."),
        ("session_number", "trois", "Donnez un nombre entier."),
        ("next_on", "demain", "Donnez une date, sous la forme AAAA-MM-JJ."),
        ("next_on", "2026-02-30", "Donnez une date, sous la forme AAAA-MM-JJ."),
        ("reality_group", "x" * 6001, "Ce texte dépasse de 1 caractère la longueur admise, qui est de 6\u202f000."),
    ],
)
def test_a_value_that_is_not_offered_is_refused_at_its_field_and_not_saved(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID, name: str, sent: Any, sentence: str
) -> None:
    before = texts.situation(desk.opened(draft), keyring).get(name)
    page = desk.save(ana, draft, desk.situation_form(cast.sam, 1, **{name: sent}))
    assert page.status_code == 422
    assert f'id="{name}-error"' in page.text
    assert sentence in page.text
    assert "<script>" not in page.text.split("<main")[1].split("</main>")[0]
    assert texts.situation(desk.opened(draft), keyring).get(name) == before


def test_an_answer_that_was_chosen_can_be_taken_back(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID
) -> None:
    desk.save(ana, draft, desk.situation_form(cast.sam, 1, audience="mixed"))
    desk.save(ana, draft, desk.situation_form(cast.sam, 2, audience=""))
    assert "audience" not in texts.situation(desk.opened(draft), keyring)


# --- who supervises, who reads ----------------------------------------------------------------------------------------


def test_whoever_has_several_supervisors_sees_how_many_situations_wait_for_each(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any, today: Any, draft: UUID
) -> None:
    for _ in range(2):
        desk.bring(cast.lee, cast.noor, keyring, now)
    second = agreements.propose(
        actor=cast.ana, supervisee=cast.ana, supervisor=cast.noor, starts_on=today, ends_on=None, now=now
    )
    for side in (cast.ana, cast.noor):
        agreements.sign(actor=side, agreement=second, now=now)
    db.session.commit()
    page = page_of(as_(cast.ana), draft)
    assert "Noor Haddad · 2 situations en attente" in page
    assert "Sam Delcourt · aucune situation en attente" in page


@pytest.mark.parametrize("who", ["", "everyone", "019a0000-0000-7000-8000-000000000001", "%00"])
def test_readers_who_are_not_offered_are_nobody(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID, who: str
) -> None:
    assert desk.save(ana, draft, desk.situation_form(cast.sam, 1, visibility=who)).status_code == 302
    assert texts.situation(desk.opened(draft), keyring)["visibility"] == "supervisor"


def test_a_supervisor_does_not_see_what_is_written_after_the_submission(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    ana = as_(cast.ana)
    ana.post(f"/situations/{case_id}/retirer")
    desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="Encore secret."))
    answer = as_(cast.sam).get(f"/situations/{case_id}/brouillon", follow_redirects=True)
    assert "Encore secret." not in answer.text
    assert "Encore secret." in page_of(ana, case_id) or desk.opened(case_id).draft is None


# --- leaving and coming back ------------------------------------------------------------------------------------------


def test_the_page_remembers_where_one_was(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID
) -> None:
    assert "Vous en étiez à" not in page_of(ana, draft)  # nothing is written yet
    desk.save(ana, draft, desk.situation_form(cast.sam, 1, at="lecture"), partial=True)
    assert texts.situation(desk.opened(draft), keyring)["_at"] == "lecture"
    assert 'Vous en étiez à <a href="#lecture">«\u202fLecture TST\u202f»</a>' in page_of(ana, draft)
    resumed = ana.get(f"/situations/{draft}/brouillon?reprendre=1")
    assert (resumed.status_code, resumed.location) == (302, f"/situations/{draft}/brouillon#lecture")
    assert f'href="/situations/{draft}/brouillon?reprendre=1"' in ana.get("/").text


@pytest.mark.parametrize("at", ["", "nowhere", "account", "x" * 5000])
def test_without_a_known_section_it_is_the_first_incomplete_one(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID, at: str
) -> None:
    desk.save(ana, draft, desk.situation_form(cast.sam, 1, at=at, common_goal=""))
    assert "_at" not in texts.situation(desk.opened(draft), keyring)
    assert ana.get(f"/situations/{draft}/brouillon?reprendre").location == f"/situations/{draft}/brouillon#cadre"


def test_where_one_was_is_nothing_that_is_submitted(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, draft: UUID
) -> None:
    desk.submit(ana, draft, desk.situation_form(cast.sam, 1, at="lecture"))
    assert texts.situation(desk.opened(draft), keyring) == desk.situation_fields(cast.sam)


# --- the version of the form ------------------------------------------------------------------------------------------


def test_a_draft_keeps_the_form_it_was_begun_with_and_a_new_one_takes_the_newest(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: Any, draft: UUID
) -> None:
    changed = editing.retired(default_definition(), "effects", is_retired=True)
    words = {"fr": "Le lieu, en un mot", "en": "The place, in a word"}
    field = {"key": "q_lieu", "kind": "line", "label": words, "help": {}, "required": True, "retired": False}
    publish(cast, now, editing.with_field(changed, "reperes", field))
    new = desk.id_in(desk.begin(ana))
    seen = {case_id: page_of(ana, case_id) for case_id in (draft, new)}
    assert ["Le lieu, en un mot" in page for page in seen.values()] == [False, True]
    assert ["Les effets observés" in page for page in seen.values()] == [True, False]
    assert desk.submit(ana, draft, desk.situation_form(cast.sam, 1)).status_code == 302
    refused = desk.submit(ana, new, desk.situation_form(cast.sam, 1))
    assert (refused.status_code, 'id="q_lieu-error"' in refused.text) == (422, True)
    assert desk.submit(ana, new, desk.situation_form(cast.sam, 2, q_lieu="Une salle")).status_code == 302
    assert "Une salle" in as_text(ana.get(f"/situations/{new}").text, "q_lieu")


def as_text(page: str, key: str) -> str:
    """What stands in a passage of a situation that is read."""
    found = re.search(rf'id="texte-{key}"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert found, page
    return found[1]


def test_an_option_that_was_retired_since_stays_in_the_draft_that_has_it_and_is_offered_to_nobody_else(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: Any
) -> None:
    field = editing.field_of(default_definition(), "audience")
    options = [{**option, "retired": option["key"] == "residents"} for option in field["options"]]
    publish(cast, now, editing.with_changes(default_definition(), "audience", {"options": options}))
    new = desk.id_in(desk.begin(ana))
    assert 'value="residents"' not in page_of(ana, new)
    assert desk.save(ana, new, desk.situation_form(cast.sam, 1, audience="residents")).status_code == 302
    assert re.search(r'checked[^>]*value="residents"', page_of(ana, new))


def test_the_page_speaks_the_language_of_its_author(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any
) -> None:
    page = page_of(as_(cast.lee), desk.draft(cast.lee, keyring, now))
    assert "The whole of reality" in page
    assert "This is no emergency channel." in page
    assert "Réalité entière" not in page
