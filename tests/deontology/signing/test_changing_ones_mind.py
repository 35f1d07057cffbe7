"""Refusing, taking a signature back, taking note: each is an answer, and what follows is said plainly first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from supervision.deontology import actions
from supervision.deontology.actions import Given, add_kind
from supervision.deontology.models import Acknowledgement
from supervision.people.models import Person
from tests.client import FreshClient
from tests.deontology.readers import read_everything
from tests.deontology.test_answers import DOOR, SAMPLE, answers_of, has_signed, publish, refusal, signature
from tests.facts import mails, one

As = Callable[[Person], FreshClient]
BACK = "/deontologie/retirer"


def answer_of(person: Person) -> Any:
    newest = select(Acknowledgement).where(Acknowledgement.person_id == person.id)
    return one(newest.order_by(Acknowledgement.number.desc()).limit(1))


# --- refusing ---------------------------------------------------------------------------------------------------------


def test_a_refusal_says_calmly_what_follows_and_offers_to_ask(as_: As, cast: SimpleNamespace) -> None:
    lee = as_(cast.lee)
    read_everything(cast.lee)
    answer = lee.post(DOOR, data=refusal())
    page = lee.get(answer.location).text
    assert answer.location == "/deontologie/refus"
    assert 'href="/deontologie/signer"' in page
    assert "/deontologie/saisines/poser-une-question" in page
    assert f"/engagements/{answer_of(cast.lee).number}" in page


def test_nobody_who_has_not_refused_is_shown_that_page(as_: As, cast: SimpleNamespace) -> None:
    assert [as_(p).get("/deontologie/refus").location for p in (cast.lee, cast.ana)] == ["/deontologie/signer"] * 2


# --- taking it back ---------------------------------------------------------------------------------------------------


def test_a_signature_is_taken_back_and_given_again(as_: As, cast: SimpleNamespace, today: Any) -> None:
    ana = as_(cast.ana)
    read_everything(cast.ana)
    shown = ana.get(BACK).text
    taken_back = ana.post(BACK, data={"typed_name": "ana ferreira"})
    between = has_signed(cast.ana, today)
    again = ana.post(DOOR, data=signature("Ana Ferreira", language="fr"))
    assert "annuaire" in shown  # what follows is said before the button
    assert (taken_back.location, between) == (f"/engagements/{answer_of(cast.ana).number - 1}", False)
    assert (again.status_code, has_signed(cast.ana, today)) == (302, True)
    assert answers_of(cast.ana) == ["signed", "withdrawn", "signed"]


@pytest.mark.parametrize("name", ["", "Ana", "Sam Delcourt"])
def test_it_is_not_taken_back_under_another_name(as_: As, cast: SimpleNamespace, name: str) -> None:
    answer = as_(cast.ana).post(BACK, data={"typed_name": name})
    assert (answer.status_code, 'id="typed_name-error"' in answer.text) == (422, True)
    assert answers_of(cast.ana) == ["signed"]


def test_what_was_not_signed_is_not_taken_back(as_: As, cast: SimpleNamespace) -> None:
    lee = as_(cast.lee)
    answers = [lee.get(BACK), lee.post(BACK, data={"typed_name": "Lee Marchand"})]
    assert [answer.location for answer in answers] == ["/deontologie"] * 2
    assert answers_of(cast.lee) == []


def test_taking_it_back_twice_is_once(as_: As, cast: SimpleNamespace) -> None:
    ana, form = as_(cast.ana), {"typed_name": "Ana Ferreira"}
    assert [ana.post(BACK, data=form).status_code for _ in range(2)] == [302, 302]
    assert answers_of(cast.ana) == ["signed", "withdrawn"]


def test_a_signature_of_an_earlier_version_is_taken_back_under_a_minor_one(
    as_: As, cast: SimpleNamespace, now: Any, today: Any
) -> None:
    publish(2, "minor", today, now)
    as_(cast.ana).post(BACK, data={"typed_name": "Ana Ferreira"})
    assert (answers_of(cast.ana), has_signed(cast.ana, today)) == (["signed", "withdrawn"], False)


def test_a_signature_that_a_new_version_asks_for_again_is_past(
    as_: As, cast: SimpleNamespace, now: Any, today: Any
) -> None:
    publish(2, "major", today, now)
    assert as_(cast.ana).get(BACK).location == "/deontologie"


# --- taking note ------------------------------------------------------------------------------------------------------


def test_of_a_minor_version_whoever_has_signed_takes_note_once(
    as_: As, cast: SimpleNamespace, now: Any, today: Any
) -> None:
    publish(2, "minor", today, now)
    ana, door = as_(cast.ana), "/deontologie/version-2/pris-connaissance"
    page = ana.get("/deontologie/signer").text
    first, second = ana.post(door), ana.post(door)
    assert (f'action="{door}"' in page, first.location, second.location) == (True, "/deontologie", "/deontologie")
    assert (answers_of(cast.ana), has_signed(cast.ana, today)) == (["signed", "informed"], True)
    assert mails("answer-receipt") == []


def test_whoever_has_not_signed_signs_the_minor_version_itself(
    as_: As, cast: SimpleNamespace, now: Any, today: Any
) -> None:
    publish(2, "minor", today, now)
    lee = as_(cast.lee)
    lee.post("/deontologie/version-2/pris-connaissance")
    assert (answers_of(cast.lee), "text-to-read" in lee.get("/deontologie/signer").text) == ([], True)


# --- any text, and the mail -------------------------------------------------------------------------------------------


def test_any_text_is_signed_in_the_same_way(as_: As, cast: SimpleNamespace, now: Any, today: Any) -> None:
    names = {"name_fr": "Charte du groupe", "name_en": "Charter of the group"}
    add_kind(slug="charte", position=1, is_public=False, has_consequences=False, **names)
    actions.publish(actor=None, kind="charte", number=1, change="major", effective_on=today, texts=SAMPLE, now=now)
    lee = as_(cast.lee)
    assert "text-to-read" in lee.get("/textes/charte/signer").text
    read_everything(cast.lee)
    assert 'action="/textes/charte/version-1/reponse"' in lee.get("/textes/charte/signer").text
    signed = lee.post("/textes/charte/version-1/reponse", data=signature())
    assert signed.location == f"/engagements/{answer_of(cast.lee).number}"
    assert lee.get("/textes/charte/retirer").status_code == 200
    assert has_signed(cast.lee, today) is False  # the code is another text


def test_after_a_signature_and_its_end_a_mail_leads_to_the_receipt(as_: As, cast: SimpleNamespace) -> None:
    as_(cast.ana).post(BACK, data={"typed_name": "Ana Ferreira"})
    lee = as_(cast.lee)
    read_everything(cast.lee)
    for form in (refusal(), signature()):
        lee.post(DOOR, data=form)
    sent = mails("answer-receipt")
    assert [mail.person_id for mail in sent] == [cast.ana.id, cast.lee.id, cast.lee.id]
    assert all(mail.facts == {} for mail in sent)


def test_an_answer_that_is_refused_sends_nothing(as_: As, cast: SimpleNamespace) -> None:
    read_everything(cast.lee)
    as_(cast.lee).post(DOOR, data=signature("Ana Ferreira"))
    assert mails("answer-receipt") == []


def test_no_answer_is_given_to_a_version_that_is_not_in_force(
    as_: As, cast: SimpleNamespace, now: Any, today: Any
) -> None:
    version = publish(2, "minor", today + timedelta(days=3), now)
    read_everything(cast.ana)
    as_(cast.ana).post("/deontologie/version-2/pris-connaissance")
    with pytest.raises(actions.SupersededVersion):
        actions.answer(person=cast.ana, version=version, given=Given("informed", "fr", ""), now=now, today=today)
    assert answers_of(cast.ana) == ["signed"]
