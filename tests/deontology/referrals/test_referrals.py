"""Questions and referrals: who reads, who does not, what stays, what is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from supervision import clock
from supervision.audit.models import AuditEntry
from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology.referrals import actions
from supervision.deontology.referrals.actions import Opening
from supervision.deontology.referrals.models import Recusal, Referral, ReferralEntry, ReferralReading
from supervision.ids import new_id
from supervision.outbox.models import OutboxMail
from supervision.people import actions as people
from supervision.people.models import Person
from tests.client import FreshClient
from tests.facts import rows

As = Callable[[Person], FreshClient]
DESK = "/deontologie/saisines"
REFERRAL = {
    "title": "Une promesse au groupe",
    "account": "J’ai lu des phrases du groupe dans un texte publié.",
    "expected": "Savoir si c’est compatible avec le code.",
    "hearing": "later",
}
QUESTION = {"title": "Enregistrer", "account": "Puis-je enregistrer une séance ?"}


@pytest.fixture
def committee(cast: SimpleNamespace, now: datetime) -> SimpleNamespace:
    """Paul, Maud and Zoé: three, so that one can be set aside."""
    people.grant_role(actor=None, person=cast.zoe, role="committee", now=now - timedelta(days=1))
    db.session.commit()
    return cast


def sent(form: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**form, "press": str(new_id()), **changes}


def refer(client: FreshClient, **changes: Any) -> str:
    """The address of a new referral."""
    answer = client.post(f"{DESK}/saisir-le-comite", data=sent(REFERRAL, **changes))
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def opened_by(author: Person, keyring: Keyring, now: datetime, **changes: Any) -> Referral:
    opening = Opening(**{"kind": "question", "title": "Enregistrer", "fields": {"account": "Puis-je ?"}, **changes})
    made = actions.open_referral(author=author, opening=opening, press=new_id(), keyring=keyring, now=now)
    db.session.commit()
    return db.session.get_one(Referral, made)


def write(client: FreshClient, page: str, kind: str, door: str, words: str, press: str | None = None) -> Any:
    return client.post(f"{page}/{door}", data={f"{kind}-text": words, f"{kind}-press": press or str(new_id())})


def mails() -> list[tuple[str, str]]:
    sent_to = select(OutboxMail.kind, Person.display_name).join(Person, Person.id == OutboxMail.person_id)
    return sorted((row[0], row[1]) for row in db.session.execute(sent_to))


# --- the whole path ---------------------------------------------------------------------------------------------------


def test_a_referral_goes_from_its_author_to_the_committee_and_back(as_: As, committee: SimpleNamespace) -> None:
    ana, paul = as_(committee.ana), as_(committee.paul)
    page = refer(ana)
    assert mails() == [("word-waiting", name) for name in ("Maud Olivier", "Paul Weber", "Zoé Lambert")]
    assert REFERRAL["account"] in paul.get(page).text
    step = {"step-press": str(new_id()), "step-step": "receipt", "step-held_on": clock.now().date().isoformat()}
    assert paul.post(f"{page}/etape", data=step | {"step-text": "Bien reçu."}).status_code == 302
    assert write(paul, page, "note", "note", "Entre nous.").status_code == 302
    assert write(paul, page, "message", "mot", "Quand cela a-t-il commencé ?").status_code == 302
    assert write(ana, page, "message", "mot", "En mars.").status_code == 302
    assert write(paul, page, "conclusion", "conclure", "Le code demande l’accord du groupe.").status_code == 302
    shown = ana.get(page).text
    for words in ("Bien reçu.", "Accusé de réception", "Quand cela", "En mars.", "Le code demande", "Paul Weber"):
        assert words in shown
    assert "Entre nous." not in shown
    assert "Entre nous." in paul.get(page).text
    assert write(ana, page, "message", "mot", "Trop tard ?").status_code == 409
    assert write(ana, page, "reopening", "rouvrir", "Il y a du nouveau.").status_code == 302
    assert write(ana, page, "message", "mot", "Voici.").status_code == 302
    assert [row.closed_at for row in db.session.scalars(select(Referral))] == [None]


def test_what_is_sent_to_a_closed_one_is_given_back(as_: As, committee: SimpleNamespace, keyring: Keyring) -> None:
    found = opened_by(committee.ana, keyring, clock.now())
    page = f"{DESK}/{found.id}"
    write(as_(committee.paul), page, "conclusion", "conclure", "Clos.")
    answer = write(as_(committee.ana), page, "message", "mot", "Ce que j’avais encore à dire.")
    assert (answer.status_code, "encore à dire" in answer.text) == (409, True)


def test_pressing_twice_writes_once(as_: As, committee: SimpleNamespace) -> None:
    ana, paul = as_(committee.ana), as_(committee.paul)
    form = sent(REFERRAL)
    pages = {ana.post(f"{DESK}/saisir-le-comite", data=form).location for _ in range(2)}
    (page,) = pages
    for kind, door in (("message", "mot"), ("note", "note"), ("conclusion", "conclure"), ("reopening", "rouvrir")):
        press = str(new_id())
        assert [write(paul, page, kind, door, "Une fois.", press).status_code for _ in range(2)] == [302, 302]
    kinds = rows(select(ReferralEntry.kind).order_by(ReferralEntry.id))
    assert kinds == ["opening", "message", "note", "conclusion", "reopening"]


def test_nobody_takes_the_button_of_another(as_: As, committee: SimpleNamespace) -> None:
    form = sent(REFERRAL)
    as_(committee.ana).post(f"{DESK}/saisir-le-comite", data=form)
    assert as_(committee.lee).post(f"{DESK}/saisir-le-comite", data=form).status_code == 422
    assert as_(committee.lee).post(f"{DESK}/saisir-le-comite", data=REFERRAL).status_code == 400


# --- what one comes with ----------------------------------------------------------------------------------------------


def test_a_question_keeps_the_article_it_came_from(as_: As, committee: SimpleNamespace) -> None:
    ana = as_(committee.ana)
    asked = "?version=1&article=responsabilite"
    form = ana.get(f"{DESK}/poser-une-question{asked}").text
    assert "Responsabilité" in form
    page = ana.post(f"{DESK}/poser-une-question", data=sent(QUESTION, version="1", article="responsabilite")).location
    assert "Responsabilité" in as_(committee.paul).get(page).text


def test_the_page_of_an_article_leads_to_a_question_about_it(
    as_: As, committee: SimpleNamespace, visitor: FreshClient
) -> None:
    page = "/deontologie/version-1/responsabilite"
    link = re.search(rf'href="({DESK}/poser-une-question[^"]*)"', as_(committee.ana).get(page).text)
    assert link
    assert "Responsabilité" in as_(committee.ana).get(link[1].replace("&amp;", "&")).text
    assert "poser-une-question" not in visitor.get(page).text


@pytest.mark.parametrize("version", ["0", "99", "x", "-1", "²", "9" * 50, ""])
def test_what_no_page_names_is_about_nothing(as_: As, committee: SimpleNamespace, version: str) -> None:
    ana = as_(committee.ana)
    assert ana.get(f"{DESK}/poser-une-question?version={version}&article=nowhere").status_code == 200
    assert ana.post(f"{DESK}/poser-une-question", data=sent(QUESTION, version=version)).status_code == 302
    assert rows(select(Referral.version_id)) == [None]


# --- who reads --------------------------------------------------------------------------------------------------------


def test_no_office_opens_one_and_the_try_leaves_a_trace(as_: As, committee: SimpleNamespace) -> None:
    page = refer(as_(committee.ana))
    for person in (committee.ada, committee.ines, committee.sam, committee.lee):
        for door in ("", "/mot", "/etape", "/note", "/conclure", "/rouvrir", "/recuser", "/me-recuser"):
            client = as_(person)
            answer = client.post(page + door) if door else client.get(page)
            assert answer.status_code == 404
    traces = select(AuditEntry.actor_id, AuditEntry.subject).where(AuditEntry.action == "referral-refused")
    found = {(row[0], row[1]) for row in db.session.execute(traces)}
    subject = f"referral/{page.rpartition('/')[2]}"
    assert found == {(committee.ada.id, subject), (committee.ines.id, subject)}


def test_whoever_is_set_aside_sees_nothing_and_is_not_written_to(as_: As, committee: SimpleNamespace) -> None:
    page = refer(as_(committee.ana), set_aside=[str(committee.zoe.id)])
    assert [name for _kind, name in mails()] == ["Maud Olivier", "Paul Weber"]
    zoe = as_(committee.zoe)
    assert zoe.get(page).status_code == 404
    assert REFERRAL["title"] not in zoe.get(f"{DESK}/comite").text
    assert REFERRAL["title"] in as_(committee.paul).get(f"{DESK}/comite").text
    assert "Un mot" not in zoe.get("/").text


def test_whoever_is_set_aside_later_sees_no_more(as_: As, committee: SimpleNamespace) -> None:
    ana, zoe = as_(committee.ana), as_(committee.zoe)
    page = refer(ana)
    assert zoe.get(page).status_code == 200
    assert ana.post(f"{page}/recuser", data={"set_aside": [str(committee.zoe.id)]}).status_code == 302
    assert [zoe.get(page).status_code, write(zoe, page, "message", "mot", "Un mot.").status_code] == [404, 404]
    assert "Zoé Lambert" in ana.get(page).text


def test_two_of_the_committee_must_remain(as_: As, committee: SimpleNamespace) -> None:
    two = [str(committee.paul.id), str(committee.zoe.id)]
    answer = as_(committee.ana).post(f"{DESK}/saisir-le-comite", data=sent(REFERRAL, set_aside=two))
    assert answer.status_code == 422
    assert "bureau@rives.example" in answer.text
    assert REFERRAL["account"] in answer.text
    page = refer(as_(committee.ana), set_aside=two[:1])
    late = as_(committee.ana).post(f"{page}/recuser", data={"set_aside": two[1:]})
    assert (late.status_code, rows(select(Recusal.person_id))) == (422, [committee.paul.id])


def test_a_member_steps_aside_and_the_author_knows(as_: As, committee: SimpleNamespace) -> None:
    ana, paul = as_(committee.ana), as_(committee.paul)
    page = refer(ana)
    assert paul.post(f"{page}/me-recuser").status_code == 302
    assert paul.get(page).status_code == 404
    assert "Paul Weber s’est récusé·e" in ana.get(page).text
    assert as_(committee.maud).post(f"{page}/me-recuser").status_code == 302
    last = as_(committee.zoe)
    last.post(f"{page}/me-recuser")
    assert last.get(page).status_code == 200  # somebody must be there


def test_a_member_of_the_committee_is_the_author_of_her_own(as_: As, committee: SimpleNamespace) -> None:
    paul = as_(committee.paul)
    page = refer(paul)
    assert [name for _kind, name in mails()] == ["Maud Olivier", "Zoé Lambert"]
    write(as_(committee.maud), page, "note", "note", "Sans lui.")
    assert "Sans lui." not in paul.get(page).text
    assert write(paul, page, "note", "note", "À moi-même.").status_code == 403
    assert REFERRAL["title"] not in paul.get(f"{DESK}/comite").text


def test_without_anybody_to_read_nothing_is_sent(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    answer = as_(cast.paul).post(f"{DESK}/poser-une-question", data=sent(QUESTION))
    assert answer.status_code == 302  # Maud is there
    people_off = update(Person).where(Person.id == cast.maud.id).values(deactivated_at=now)
    db.session.execute(people_off)
    db.session.commit()
    answer = as_(cast.paul).post(f"{DESK}/poser-une-question", data=sent(QUESTION))
    assert (answer.status_code, "bureau@rives.example" in answer.text) == (422, True)


def test_the_author_sees_each_reading_and_nobody_else_does(as_: As, committee: SimpleNamespace) -> None:
    ana, paul = as_(committee.ana), as_(committee.paul)
    page = refer(ana)
    paul.get(page)
    assert re.search(r"</time>\s*Paul Weber", ana.get(page).text)
    assert not re.search(r"</time>\s*Paul Weber", paul.get(page).text)


def test_a_form_that_is_refused_shows_the_page_and_counts_as_a_reading(as_: As, committee: SimpleNamespace) -> None:
    page = refer(as_(committee.ana))
    shown = write(as_(committee.paul), page, "message", "mot", "")
    assert (shown.status_code, REFERRAL["account"] in shown.text) == (422, True)
    assert rows(select(ReferralReading.reader_id)) == [committee.paul.id]


def test_both_homes_say_who_waits_for_whom(as_: As, committee: SimpleNamespace) -> None:
    ana, paul = as_(committee.ana), as_(committee.paul)
    page = refer(ana)
    to_committee, to_author = "Quelque chose est adressé au comité", "Le comité vous a écrit"
    homes = {who: as_(getattr(committee, who)).get("/").text for who in ("ana", "paul", "ada", "lee")}
    assert [who for who, home in homes.items() if to_committee in home] == ["paul"]
    write(paul, page, "message", "mot", "Dites-nous en plus.")
    assert [to_committee in paul.get("/").text, to_author in ana.get("/").text] == [False, True]
    assert [REFERRAL["title"] in as_(person).get("/").text for person in (committee.ana, committee.paul)] == [False] * 2
    ana.get(page)
    assert to_author not in ana.get("/").text


def test_whoever_leaves_the_committee_reads_no_more(as_: As, committee: SimpleNamespace, now: datetime) -> None:
    page = refer(as_(committee.ana))
    db.session.execute(
        text("UPDATE role_grant SET ended_at = :at WHERE role = 'committee'"), {"at": now - timedelta(minutes=1)}
    )
    db.session.commit()
    assert as_(committee.paul).get(page).status_code == 404


# --- what stays -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [ReferralEntry, Recusal, ReferralReading])
@pytest.mark.parametrize("how", ["update", "delete"])
def test_the_database_refuses_to_change_what_was_said(
    as_: As, committee: SimpleNamespace, model: Any, how: str
) -> None:
    page = refer(as_(committee.ana), set_aside=[str(committee.zoe.id)])
    as_(committee.paul).get(page)
    statement = delete(model) if how == "delete" else update(model).values(id=new_id())
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(statement)


def test_nothing_typed_stands_in_the_database(as_: As, committee: SimpleNamespace) -> None:
    refer(as_(committee.ana))
    stored = db.session.execute(text("SELECT sealed_title, sealed FROM referral, referral_entry")).one()
    for value in stored:
        assert b"groupe" not in bytes(value)


def test_nobody_is_named_in_the_record(as_: As, committee: SimpleNamespace, now: datetime) -> None:
    page = refer(as_(committee.ana))
    write(as_(committee.paul), page, "conclusion", "conclure", "Clos.")
    acts = rows(select(AuditEntry.action).where(AuditEntry.at > now))
    assert acts
    assert not [act for act in acts if "referral" in act]


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lacking", ["title", "account", "expected", "hearing"])
def test_what_is_lacking_is_said_at_the_field(as_: As, committee: SimpleNamespace, lacking: str) -> None:
    answer = as_(committee.ana).post(f"{DESK}/saisir-le-comite", data=sent({**REFERRAL, lacking: " \u200b\u202e"}))
    assert (answer.status_code, "field-error" in answer.text) == (422, True)
    assert rows(select(Referral.id)) == []


HOSTILE = "<script>alert(1)</script> {{ 7*7 }} ‮txet‬\u200b \x00 🧿‍👩‍🚒 '; DROP TABLE referral; --"


def test_hostile_words_are_words(as_: As, committee: SimpleNamespace) -> None:
    ana = as_(committee.ana)
    page = refer(ana, title=HOSTILE, account=HOSTILE, expected=HOSTILE)
    write(as_(committee.paul), page, "message", "mot", HOSTILE)
    for shown in (ana.get(page).text, ana.get(DESK).text, as_(committee.maud).get(f"{DESK}/comite").text):
        assert "<script>alert" not in shown
        assert "&lt;script&gt;" in shown
        assert "49" not in re.findall(r"&lt;/script&gt; (.{2})", shown)
        assert not set("\u202e\u200b\x00") & set(shown)
        assert "🧿" in shown


@pytest.mark.parametrize("name", ["title", "account", "expected"])
def test_a_megabyte_is_refused_at_the_field(as_: As, committee: SimpleNamespace, name: str) -> None:
    answer = as_(committee.ana).post(f"{DESK}/saisir-le-comite", data=sent({**REFERRAL, name: "a" * 1_000_000}))
    assert (answer.status_code, "dépasse de" in answer.text) == (422, True)


@pytest.mark.parametrize("day", ["", "demain", "2001-01-01", "2999-01-01", "2026-02-31"])
def test_a_step_has_a_sensible_day(as_: As, committee: SimpleNamespace, day: str) -> None:
    page = refer(as_(committee.ana))
    step = {"step-press": str(new_id()), "step-step": "advice", "step-held_on": day, "step-text": "À un confrère."}
    answer = as_(committee.paul).post(f"{page}/etape", data=step)
    assert (answer.status_code, "À un confrère." in answer.text) == (422, True)


@pytest.mark.parametrize("aside", ["x", str(UUID(int=7)), "a" * 5000])
def test_only_members_of_the_committee_are_set_aside(as_: As, committee: SimpleNamespace, aside: str) -> None:
    answer = as_(committee.ana).post(f"{DESK}/saisir-le-comite", data=sent(REFERRAL, set_aside=[aside]))
    assert answer.status_code == 422


def test_a_lost_session_gives_back_what_was_typed(visitor: FreshClient, app: Flask) -> None:
    answer = visitor.post(f"{DESK}/saisir-le-comite", data=sent(REFERRAL), headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, REFERRAL["account"] in answer.text) == (401, True)


# --- lists ------------------------------------------------------------------------------------------------------------


def many(count: int, author: Person, keyring: Keyring, now: datetime) -> list[UUID]:
    return [opened_by(author, keyring, now - timedelta(minutes=count - n)).id for n in range(count)]


def test_open_ones_come_first_and_each_page_goes_on_where_the_last_one_ended(
    as_: As, committee: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    made = many(60, committee.ana, keyring, now)
    closed = made[::2]
    db.session.execute(update(Referral).where(Referral.id.in_(closed)).values(closed_at=now))
    db.session.commit()
    seen, address = [], f"{DESK}/comite"
    paul = as_(committee.paul)
    for _ in range(3):
        shown = paul.get(address).text
        seen += [UUID(found) for found in re.findall(rf"{DESK}/([0-9a-f-]{{36}})\"", shown)]
        following = re.search(r'href="([^"]+)" rel="next"', shown)
        address = following[1] if following else ""
    assert (address, seen) == ("", sorted(set(made) - set(closed)) + sorted(closed, reverse=True))


@pytest.mark.parametrize("where", [DESK, f"{DESK}/comite", "/"])
def test_a_list_asks_the_same_number_of_statements(
    as_: As, committee: SimpleNamespace, keyring: Keyring, now: datetime, statements: Any, where: str
) -> None:
    client, counts = as_(committee.ana if where == DESK else committee.paul), []
    for count in (1, 2, 60):
        many(count, committee.ana, keyring, now)
        client.get(where)
        statements()
        assert client.get(where).status_code == 200
        counts.append(len(statements()))
    assert len(set(counts)) == 1
