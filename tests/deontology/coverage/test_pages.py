"""Who has answered which text: the page, its filters, what is taken along, more time for one person."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from supervision.db import db
from supervision.deontology import actions as texts
from supervision.deontology.consequences import queries as consequences
from supervision.deontology.coverage import tables
from supervision.deontology.models import Extension, TextVersion
from supervision.ids import new_id
from supervision.people.models import Person, RoleGrant
from supervision.people.rules import name_key
from tests.client import FreshClient
from tests.facts import acts, mails, one, rows
from tests.pages import page_texts

As = Callable[[Person], FreshClient]
HOME = "/deontologie/engagements"
DAY = timedelta(days=1)
REASON = "Un congé de maternité."


def listed(client: FreshClient, query: str = "") -> list[list[str]]:
    text = client.post(f"{HOME}/liste/csv{query}").data.decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";"))


def states(client: FreshClient, query: str = "") -> dict[str, str]:
    return {row[0]: row[1] for row in listed(client, query)[1:]}


def test_the_page_says_where_everybody_stands(as_: As, cast: SimpleNamespace) -> None:
    page = as_(cast.paul).get(HOME)
    assert page.status_code == 200
    assert all(person.display_name in page.text for person in (cast.ana, cast.sam, cast.zoe, cast.ada))
    found = states(as_(cast.paul))
    assert {found[p.display_name] for p in (cast.ana, cast.sam, cast.noor)} == {"Signé"}
    assert {found[p.display_name] for p in (cast.lee, cast.zoe)} == {"Absent·e de l’annuaire"}


def test_as_of_a_day_it_says_what_was_so_on_that_day(as_: As, cast: SimpleNamespace, today: date) -> None:
    first = one(select(TextVersion.effective_on).where(TextVersion.number == 1))
    paul = as_(cast.paul)
    assert set(states(paul, f"?au={first}").values()) == {"Première signature attendue"}
    assert states(paul, f"?au={first + DAY}")["Ana Ferreira"] == "Signé"
    assert paul.get(f"{HOME}?au={first - DAY}").status_code == 200


@pytest.mark.parametrize("day", ["demain", "2026-13-01", "0001-01-01", "2999-01-01", "1" * 5000])
def test_a_day_that_is_none_is_told_at_its_field(as_: As, cast: SimpleNamespace, day: str) -> None:
    answer = as_(cast.paul).get(f"{HOME}?au={day}")
    assert (answer.status_code, 'id="au-error"' in answer.text) == (422, True)
    assert as_(cast.paul).post(f"{HOME}/liste/csv?au={day}").status_code == 404


@pytest.mark.parametrize("query", ["?etat=x&role=y", "?version=99", "?version=abc", "?apres=zz", "?version=-1"])
def test_what_the_address_does_not_know_changes_nothing(as_: As, cast: SimpleNamespace, query: str) -> None:
    assert as_(cast.paul).get(HOME + query).status_code == 200


def test_the_list_is_narrowed_by_state_role_and_name(as_: As, cast: SimpleNamespace) -> None:
    paul = as_(cast.paul)
    assert set(states(paul, "?etat=settled")) == {"Ana Ferreira", "Sam Delcourt", "Noor Haddad"}
    assert set(states(paul, "?role=trainee")) == {"Ana Ferreira", "Lee Marchand"}
    assert set(states(paul, "?q=zoe")) == {"Zoé Lambert"}
    assert set(states(paul, "?etat=settled&role=supervisor&q=NOOR")) == {"Noor Haddad"}
    assert states(paul, "?q=%25") == {}


def test_no_reason_and_no_referral_is_on_it(as_: As, cast: SimpleNamespace, now: datetime, today: date) -> None:
    version = one(select(TextVersion))
    given = texts.Given(answer="refused", language="fr", typed_name="Lee Marchand")
    texts.answer(person=cast.lee, version=version, given=given, now=now, today=today)
    db.session.commit()
    ada = as_(cast.ada)
    assert set(states(ada, "?etat=refused")) == {"Lee Marchand"}
    assert listed(ada)[0] == [
        "Nom", "État", "Dernière réponse", "Répondu le", "Numéro de reçu", "Fin du délai",
        "Hors de l’annuaire à partir du",
    ]  # fmt: skip


# --- taken along ------------------------------------------------------------------------------------------------------


def test_each_list_that_is_taken_along_is_recorded(as_: As, cast: SimpleNamespace) -> None:
    ada = as_(cast.ada)
    for form in ("csv", "classeur"):
        answer = ada.post(f"{HOME}/liste/{form}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert [act[:2] for act in acts("coverage-exported")] == [("coverage-exported", cast.ada.id)] * 2


def test_a_name_that_begins_like_a_formula_stays_a_name(as_: As, cast: SimpleNamespace) -> None:
    cast.lee.display_name, cast.lee.name_key = "=cmd|' /C calc'!A0", "=cmd"
    db.session.commit()
    found = next(row[0] for row in listed(as_(cast.ada)) if "cmd" in row[0])
    assert found == "'=cmd|' /C calc'!A0"
    sheet = (
        ZipFile(BytesIO(as_(cast.ada).post(f"{HOME}/liste/classeur").data)).read("xl/worksheets/sheet1.xml").decode()
    )
    assert ("cmd|" in sheet, "<f>" in sheet) == (True, False)


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert tables.harmless(start) == f"'{start}"


def test_the_mark_and_the_semicolons_are_there(as_: As, cast: SimpleNamespace) -> None:
    made = as_(cast.ada).post(f"{HOME}/liste/csv").data
    assert made.startswith(b"\xef\xbb\xbfNom;")


# --- more time --------------------------------------------------------------------------------------------------------


def decide(client: FreshClient, person: Person, **changes: Any) -> Any:
    form = {"what": "time", "until_on": "", "reason": REASON, **changes}
    return client.post(f"{HOME}/personnes/{person.id}/delai", data=form)


def test_more_time_is_said_to_the_person_and_lifts_what_followed(as_: As, cast: SimpleNamespace, today: date) -> None:
    assert not consequences.may_bring(cast.lee.id, today)
    db.session.commit()
    answer = decide(as_(cast.paul), cast.lee, until_on=str(today + 20 * DAY))
    assert (answer.status_code, [mail.person_id for mail in mails("text-extension")]) == (302, [cast.lee.id])
    assert consequences.may_bring(cast.lee.id, today)
    db.session.commit()
    account = as_(cast.lee).get("/mon-compte").text
    assert REASON in account
    assert [act[:2] for act in acts("text-extension-granted")] == [("text-extension-granted", cast.paul.id)]
    assert REASON not in str(rows(select(Extension.id)))


def test_an_exemption_is_taken_back_and_the_rule_is_everyones_again(
    as_: As, cast: SimpleNamespace, today: date
) -> None:
    decide(as_(cast.paul), cast.lee, what="exempt")
    given = one(select(Extension.id))
    stage = consequences.duties_of(cast.lee.id, today)[0].stage
    db.session.commit()
    maud = as_(cast.maud)
    again = [maud.post(f"{HOME}/delais/{given}/retirer").status_code for _ in range(2)]
    assert (stage, again) == ("exempt", [302, 302])
    assert consequences.duties_of(cast.lee.id, today)[0].stage == "hidden"
    assert len(acts("text-extension-revoked")) == 1
    assert len(mails("text-extension")) == 2


def test_nobody_decides_for_herself(as_: As, cast: SimpleNamespace, today: date, now: datetime) -> None:
    assert decide(as_(cast.paul), cast.paul, what="exempt").status_code == 422
    assert rows(select(Extension.id)) == []
    own = {"version_id": one(select(TextVersion.id)), "person_id": cast.paul.id, "reason": "", "granted_at": now}
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(Extension).values(id=new_id(), granted_by=cast.paul.id, **own))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until_on": ""}, "until_on"),
        ({"until_on": "2020-01-01"}, "until_on"),
        ({"until_on": "2999-01-01"}, "until_on"),
        ({"until_on": "demain"}, "until_on"),
        ({"what": "forever"}, "what"),
        ({"what": "exempt", "reason": " "}, "reason"),
        ({"what": "exempt", "reason": "x" * 2001}, "reason"),
    ],
)
def test_a_decision_that_is_not_whole_is_told_at_its_field(
    as_: As, cast: SimpleNamespace, changes: dict[str, str], field: str
) -> None:
    answer = decide(as_(cast.paul), cast.lee, **changes)
    assert (answer.status_code, f'id="{field}-error"' in answer.text, rows(select(Extension.id))) == (422, True, [])


# --- as much for one as for many --------------------------------------------------------------------------------------


def many(count: int, now: datetime) -> None:
    people = [
        {"id": new_id(), "email": f"{n}@m.example", "email_key": f"{n}-{new_id()}", "display_name": f"Membre {n:05}"}
        for n in range(count)
    ]
    for person in people:
        person |= {"name_key": name_key(str(person["display_name"])), "created_at": now}
    grants = [
        {"id": new_id(), "person_id": person["id"], "role": "trainee", "granted_at": now, "confirmed_at": now}
        for person in people
    ]
    db.session.execute(insert(Person), people)
    db.session.execute(insert(RoleGrant), grants)
    db.session.commit()


@pytest.mark.parametrize("door", [HOME, f"{HOME}/liste/csv", f"{HOME}/liste/classeur"])
def test_a_list_costs_the_same_for_everyone(
    as_: As, cast: SimpleNamespace, now: datetime, statements: Callable[[], list[str]], door: str
) -> None:
    paul, counts = as_(cast.paul), []
    for more in (1, 2, 997):
        many(more, now)
        statements()
        answer = paul.get(door) if door == HOME else paul.post(door)
        counts.append(len(statements()))
        assert answer.status_code == 200
    assert len(set(counts)) == 1


def test_pages_follow_each_other_and_nobody_is_left_out(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    many(60, now)
    paul, seen, address = as_(cast.paul), 0, HOME
    for _ in range(5):
        page = paul.get(address).text
        seen += page.count('<th scope="row"><a href="/deontologie/engagements/personnes/')
        if 'rel="next"' not in page:
            break
        address = page.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == len(listed(paul)) - 1


def test_a_text_of_another_kind_has_its_own_list(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    texts.add_kind(
        slug="charte", name_fr="Charte", name_en="Charter", position=3, is_public=False, has_consequences=False
    )
    db.session.commit()
    assert "Aucune version" in as_(cast.paul).get("/textes/charte/engagements").text
    assert as_(cast.paul).get("/textes/rien/engagements").status_code == 404


def test_the_page_reads_in_both_languages(as_: As, cast: SimpleNamespace) -> None:
    assert page_texts(as_(cast.paul).get(HOME).text)
