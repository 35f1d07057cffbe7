"""A page costs the same whatever it lists, and paging by key shows every row once."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert

from supervision.audit import actions as audit
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.outbox.models import OutboxMail
from supervision.people import rules as people_rules
from supervision.people.models import Person, RoleGrant
from tests import desk

MOST = 6
OF_TEXTS = 4  # what somebody is asked to accept: the texts, her roles, her answers, more time
Arrange = Callable[[int], None]


@pytest.fixture
def arrange(cast: SimpleNamespace, keyring: Keyring, now: Any) -> dict[str, Arrange]:
    def cases(state: str) -> Arrange:
        def add(count: int) -> None:
            desk.many(count, cast.ana, cast.sam, keyring, now, state=state)

        return add

    def people(count: int) -> None:
        rows = [{"id": new_id(), "key": key_name(n)} for n in range(count)]
        db.session.execute(insert(Person), [person_row(row["id"], row["key"], now) for row in rows])
        grants = [{"id": new_id(), "person_id": row["id"], "role": "trainee", "granted_at": now} for row in rows]
        db.session.execute(insert(RoleGrant), [{**grant, "confirmed_at": now} for grant in grants])

    def mails(count: int) -> None:
        db.session.execute(insert(OutboxMail), [mail_row(cast.ana, now, n) for n in range(count)])

    def record(count: int) -> None:
        for n in range(count):
            actor = (cast.ana, cast.sam, cast.lee)[n % 3]
            audit.record(actor_id=actor.id, action="signed-in", subject=f"person/{actor.id}", now=now)

    return {
        "drafts": cases("draft"),
        "submitted": cases("submitted"),
        "published": cases("published"),
        "people": people,
        "mails": mails,
        "record": record,
    }


def key_name(n: int) -> str:
    """Names that sort differently in Python and in a database: accents, capitals, twins."""
    return ["Élodie", "émile", "Zoé", "Ana", "ana", "Éva"][n % 6] + " " + ["B", "b", "Ç"][n % 3]


def person_row(person_id: Any, name: str, now: Any) -> dict[str, Any]:
    return {
        "id": person_id,
        "email": f"{person_id}@x.example",
        "email_key": f"{person_id}@x.example",
        "display_name": name,
        "name_key": people_rules.name_key(name),
        "language": "fr",
        "zone": "Europe/Paris",
        "created_at": now,
    }


def mail_row(person: Person, now: Any, n: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "key": f"test/{new_id()}",
        "kind": "reset",
        "person_id": person.id,
        "subject_id": person.id,
        "facts": {},
        "created_at": now,
        "due_at": now,
        "attempts": 5,
        "failed_at": now - timedelta(minutes=n),
    }


PAGES = [
    ("home of the author, drafts", "ana", "drafts", "/"),
    ("home of the author, feedback to read", "ana", "published", "/"),
    ("home of the supervisor", "sam", "submitted", "/"),
    ("home of the administrator, failed mails", "ada", "mails", "/"),
    ("my situations", "ana", "published", "/situations"),
    ("received situations", "sam", "submitted", "/situations/recues"),
    ("received situations, everything", "sam", "published", "/situations/recues?voir=toutes"),
    ("found again by state", "ana", "published", "/situations/retrouver?etat=published"),
    ("found again by competence", "ana", "published", "/situations/retrouver?competence=fears"),
    ("my thread", "ana", "published", "/mon-fil"),
    ("loads", "ines", "submitted", "/situations/charge"),
    ("people", "ada", "people", "/personnes"),
    ("people, searched", "ada", "people", "/personnes?q=a"),
    ("mails", "ada", "mails", "/courriels"),
    ("record", "ada", "record", "/journal"),
]


@pytest.mark.parametrize("most", [60, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("who", "what", "path"), [page[1:] for page in PAGES], ids=[page[0] for page in PAGES])
def test_a_list_costs_the_same_with_one_three_and_many_rows(
    arrange: dict[str, Arrange],
    as_: Any,
    cast: SimpleNamespace,
    statements: desk.Count,
    record_property: Any,
    who: str,
    what: str,
    path: str,
    most: int,
) -> None:
    reader, costs = as_(getattr(cast, who)), []
    for more in (1, 2, most - 3):
        arrange[what](more)
        db.session.commit()
        statements()
        assert reader.get(path).status_code == 200
        costs.append(len(statements()))
    record_property("statements", costs)
    assert costs[0] == costs[1] == costs[2] <= MOST + (OF_TEXTS if path == "/" else 0), costs


MOST_OF_A_CASE = 18  # everything about one situation: versions, thread, files, readers, sessions, keeping


@pytest.mark.parametrize("who", ["ana", "sam"])
def test_the_page_of_a_case_costs_the_same_however_often_it_was_read(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any, statements: desk.Count, who: str
) -> None:
    reader, sam, costs = as_(getattr(cast, who)), as_(cast.sam), []
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    desk.respond(cast.sam, case_id, keyring, now)
    desk.answer(cast.ana, case_id, keyring, now)
    db.session.commit()
    reader.get(f"/situations/{case_id}")  # the first reading is one more row, once
    for readings in (1, 2, 20):
        for _ in range(readings):
            sam.get(f"/situations/{case_id}")
        statements()
        reader.get(f"/situations/{case_id}")
        costs.append(len(statements()))
    assert costs[0] == costs[1] == costs[2] <= MOST_OF_A_CASE, costs


@pytest.mark.parametrize(("who", "door"), [("ana", "brouillon"), ("sam", "retour")])
def test_the_pages_where_one_writes_cost_few_statements(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any, statements: desk.Count, who: str, door: str
) -> None:
    bring = desk.bring(cast.ana, cast.sam, keyring, now) if who == "sam" else desk.draft(cast.ana, keyring, now)
    db.session.commit()
    writer = as_(getattr(cast, who))
    statements()
    assert writer.get(f"/situations/{bring}/{door}").status_code == 200
    assert len(statements()) <= 8 + OF_TEXTS  # the form, whom one may choose, their loads, the sessions


def test_saving_while_one_writes_costs_at_most_six_statements(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any, statements: desk.Count
) -> None:
    case_id = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    ana = as_(cast.ana)
    statements()
    assert desk.save(ana, case_id, desk.situation_form(cast.sam, 1), partial=True).status_code == 200
    assert len(statements()) <= MOST


# --- paging -----------------------------------------------------------------------------------------------------------

LISTS = [
    ("ana", "drafts", "/situations", r'<th scope="row"><a href="/situations/([0-9a-f-]{36})'),
    ("sam", "submitted", "/situations/recues", r'<th scope="row"><a href="/situations/([0-9a-f-]{36})'),
    ("sam", "published", "/situations/recues?voir=toutes", r'<th scope="row"><a href="/situations/([0-9a-f-]{36})'),
    ("ana", "drafts", "/situations/retrouver?etat=draft", r'<th scope="row"><a href="/situations/([0-9a-f-]{36})'),
    ("ana", "published", "/mon-fil", r'<h2><a href="/situations/([0-9a-f-]{36})"'),
    ("ines", "submitted", "/situations/charge", r'href="/situations/([0-9a-f-]{36})/proposer'),
    ("ada", "people", "/personnes", r'<th scope="row"><a href="/personnes/([0-9a-f-]{36})'),
    ("ada", "mails", "/courriels", r'action="/courriels/([0-9a-f-]{36})'),
    ("ada", "mails", "/courriels?etat=echec", r'action="/courriels/([0-9a-f-]{36})'),
    ("ada", "record", "/journal", r'<td class="num"[^>]*>(\d+)</td>'),
]


@pytest.mark.parametrize(("who", "what", "path", "row"), LISTS, ids=[page[2] for page in LISTS])
def test_paging_visits_every_row_once(
    arrange: dict[str, Arrange], as_: Any, cast: SimpleNamespace, who: str, what: str, path: str, row: str
) -> None:
    reader = as_(getattr(cast, who))
    before = len(rows_of_all_pages(reader, path, row))
    arrange[what](130)
    db.session.commit()
    seen = rows_of_all_pages(reader, path, row)
    assert (len(seen), len(set(seen))) == (before + 130, before + 130)


def rows_of_all_pages(reader: Any, path: str, row: str) -> list[str]:
    seen: list[str] = []
    following: str | None = path
    for _ in range(20):
        page = reader.get(following).text
        seen += re.findall(row, page)
        links = re.findall(r'<a[^>]*href="([^"]*(?:avant|apres)=[^"]*)"', page)
        following = html.unescape(links[-1]) if links else None
        if following is None:
            return seen
    raise AssertionError("paging does not end")


def test_rows_that_arrive_while_one_pages_disturb_nothing(
    arrange: dict[str, Arrange], as_: Any, cast: SimpleNamespace
) -> None:
    ana, row = as_(cast.ana), LISTS[0][3]
    arrange["drafts"](40)
    db.session.commit()
    first = ana.get("/situations").text
    arrange["drafts"](10)
    db.session.commit()
    link = html.unescape(re.findall(r'href="([^"]*avant=[^"]*)"', first)[-1])
    second = re.findall(row, ana.get(link).text)
    assert len({*re.findall(row, first), *second}) == 25 + 15
