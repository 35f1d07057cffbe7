"""Officers make people known and invite them; the list of people finds them again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from supervision import clock
from supervision.db import db
from supervision.demo.association import CAST
from supervision.ids import new_id
from supervision.people.models import Person, RoleGrant
from tests.client import FreshClient
from tests.facts import acts, at_once, mails, one, rows, statuses

As = Callable[[Person], FreshClient]
MIRA = {
    "display_name": "Mira Petit",
    "email": "mira@rives.example",
    "language": "en",
    "roles": ["trainee", "certified"],
}


def marked(page: str) -> set[str]:
    return set(re.findall(r'id="(\w+)-error"', page))


def people_count() -> int:
    return int(one(select(func.count()).select_from(Person)))


def test_no_single_box_of_the_roles_is_required(as_: As, cast: SimpleNamespace) -> None:
    boxes = re.findall(r'<input [^>]*name="(?:roles|display_name)"[^>]*>', as_(cast.ada).get("/personnes/inviter").text)
    assert ["required" in box for box in boxes] == [True, *[False] * (len(boxes) - 1)]  # the bait: the name is
    assert len(boxes) > 2


@pytest.mark.parametrize("officer", ["ada", "ines"])
def test_an_officer_invites_with_several_roles_at_once(as_: As, cast: SimpleNamespace, officer: str) -> None:
    actor = getattr(cast, officer)
    answer = as_(actor).post("/personnes/inviter", data=MIRA)
    mira = one(select(Person).where(Person.email_key == "mira@rives.example"))
    assert (answer.status_code, answer.location) == (302, f"/personnes/{mira.id}")
    assert (mira.email, mira.display_name, mira.language, mira.zone) == (
        "mira@rives.example",
        "Mira Petit",
        "en",
        "Europe/Paris",
    )
    grants = select(RoleGrant.role, RoleGrant.granted_by, RoleGrant.confirmed_by, RoleGrant.ended_at)
    assert sorted(rows(grants.where(RoleGrant.person_id == mira.id))) == [
        ("certified", actor.id, actor.id, None),
        ("trainee", actor.id, actor.id, None),
    ]
    assert [mail.person_id for mail in mails("invitation")] == [mira.id]
    subject = f"person/{mira.id}"
    made = [entry for entry in acts("person-added", "role-granted") if entry[2] == subject]
    assert made == [("person-added", actor.id, subject), *[("role-granted", actor.id, subject)] * 2]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"display_name": ""}, {"display_name"}),
        ({"display_name": " \u200b\u202e\x00 "}, {"display_name"}),
        ({"display_name": "x" * 121}, {"display_name"}),
        ({"email": "mira"}, {"email"}),
        ({"email": "mira@rives.example\nBcc: x@y.example"}, {"email"}),
        ({"email": "m" * 260 + "@rives.example"}, {"email"}),
        ({"language": "de"}, {"language"}),
        ({"roles": []}, {"roles"}),
        ({"roles": ["administrator"]}, {"roles"}),
        ({"roles": ["trainee", "sovereign"]}, {"roles"}),
        ({"email": "ana@rives.example"}, {"email"}),
        ({"email": "ANA@RIVES.EXAMPLE"}, {"email"}),
        (
            {"display_name": "", "email": "", "language": "", "roles": []},
            {"display_name", "email", "language", "roles"},
        ),
    ],
)
def test_a_wrong_invitation_is_told_at_its_fields_and_makes_nobody_known(
    as_: As, cast: SimpleNamespace, changes: dict[str, Any], fields: set[str]
) -> None:
    answer = as_(cast.ada).post("/personnes/inviter", data=MIRA | changes)
    assert (answer.status_code, marked(answer.text)) == (422, fields)
    assert (people_count(), mails("invitation")) == (len(CAST), [])


def test_a_name_is_cleaned_of_what_hides_or_reorders_text(as_: As, cast: SimpleNamespace) -> None:
    as_(cast.ada).post("/personnes/inviter", data=MIRA | {"display_name": "  Mira\u202e \x00\r\n Pe\u0301tit\ufeff "})
    assert one(select(Person.display_name).where(Person.email_key == "mira@rives.example")) == "Mira Pétit"


def test_one_address_invited_by_several_at_once_makes_one_person(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    clients = []
    with app.app_context():
        ada = one(select(Person).where(Person.email_key == "ada@rives.example"))
        for _ in range(5):
            client: Any = app.test_client()
            client.sign_in(ada)
            clients.append(client)
    answers = at_once(*(lambda c=client: c.post("/personnes/inviter", data=MIRA) for client in clients))
    assert statuses(answers) == [302, 422, 422, 422, 422]
    assert all("déjà cette adresse" in answer.text for answer in answers if answer.status_code == 422)
    with app.app_context():
        assert (people_count(), len(mails("invitation"))) == (len(CAST) + 1, 1)


# --- the list ---------------------------------------------------------------------------------------------------------


def add(names: list[str]) -> None:
    made = [
        {
            "id": new_id(),
            "email": f"p{number}@rives.example",
            "email_key": f"p{number}@rives.example",
            "display_name": name,
            "created_at": clock.now(),
        }
        for number, name in enumerate(names)
    ]
    db.session.execute(insert(Person), made)
    db.session.commit()


def names_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/personnes/[^"]+">([^<]+)</a>', page)


def walk(client: FreshClient, path: str) -> list[list[str]]:
    """The names page by page, following « Page suivante »."""
    pages = []
    while path:
        text = client.get(path).text
        pages.append(names_on(text))
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else ""
    return pages


@pytest.mark.parametrize(
    "names",
    [
        [f"Personne {number:02}" for number in range(60)],
        [f"Élise {number:02}" for number in range(30)] + [f"Éric {number:02}" for number in range(30)],
        ["Camille Roy"] * 60,
        [f"{letter}lan {number}" for number in range(20) for letter in "aAéÉ"][:60],
    ],
)
def test_every_person_is_on_exactly_one_page(as_: As, cast: SimpleNamespace, names: list[str]) -> None:
    add(names)
    pages = walk(as_(cast.ada), "/personnes")
    assert [len(page) for page in pages] == [25, 25, 10 + len(CAST)]
    everybody = rows(select(Person.display_name))
    assert sorted(name for page in pages for name in page) == sorted(everybody)


def test_a_search_is_kept_from_page_to_page(as_: As, cast: SimpleNamespace) -> None:
    add([f"Personne {number:02}" for number in range(30)])
    assert [len(page) for page in walk(as_(cast.ada), "/personnes?q=personne")] == [25, 5]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("ana", ["Ana Ferreira"]),
        ("RIVES.EXAMPLE", len(CAST)),
        ("ferr", ["Ana Ferreira"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("\x00", len(CAST)),
        ("\ud800", len(CAST)),
        ("' OR 1=1 --", []),
        ("x" * 5000, []),
    ],
    ids=lambda value: ascii(value)[:16],
)
def test_the_search_takes_everything_literally(
    as_: As, cast: SimpleNamespace, asked: str, found: list[str] | int
) -> None:
    asked = asked.encode("utf-8", "replace").decode() if asked == "\ud800" else asked
    answer = as_(cast.ada).get("/personnes", query_string={"q": asked})
    names = names_on(answer.text)
    expected = [] if asked == "?" else found
    assert (answer.status_code, len(names) if isinstance(expected, int) else names) == (200, expected)


@pytest.mark.parametrize("key", ["", "x", "%00", "0", "00000000-0000-0000-0000-000000000000", "é", "'"])
def test_nonsense_in_the_address_of_a_page_starts_at_the_top(as_: As, cast: SimpleNamespace, key: str) -> None:
    answer = as_(cast.ada).get(f"/personnes?apres={key}")
    assert (answer.status_code, len(names_on(answer.text))) == (200, len(CAST))


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_list_costs_the_same_number_of_statements_however_long(
    as_: As, cast: SimpleNamespace, statements: Callable[[], list[str]], count: int
) -> None:
    add([f"Personne {number:02}" for number in range(count)])
    client = as_(cast.ada)
    statements()
    client.get("/personnes")
    assert len(statements()) == 3


# --- one's own account ------------------------------------------------------------------------------------------------

MINE = {"display_name": "Ana F.", "language": "en", "zone": "America/Montreal"}


def account(person: Person) -> tuple[Any, ...]:
    columns = (Person.display_name, Person.language, Person.zone)
    return tuple(one(select(*columns).where(Person.id == person.id)))


def test_everyone_sets_her_own_name_language_and_zone(as_: As, cast: SimpleNamespace) -> None:
    client = as_(cast.ana)
    answer = client.post("/mon-compte", data=MINE)
    assert (answer.status_code, account(cast.ana)) == (302, ("Ana F.", "en", "America/Montreal"))
    assert '<html lang="en">' in client.get("/mon-compte").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"display_name": "\u2003"}, "display_name"),
        ({"display_name": "é" * 121}, "display_name"),
        ({"language": "xx"}, "language"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
    ],
)
def test_an_account_is_not_changed_by_a_wrong_form(
    as_: As, cast: SimpleNamespace, changes: dict[str, str], field: str
) -> None:
    before = account(cast.ana)
    answer = as_(cast.ana).post("/mon-compte", data=MINE | changes)
    assert (answer.status_code, marked(answer.text), account(cast.ana)) == (422, {field}, before)


def test_a_field_that_is_not_on_the_form_changes_nothing(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    extra = {"email": "x@y.example", "password_hash": "x", "deactivated_at": "x", "roles": "administrator"}
    as_(cast.ana).post("/mon-compte", data=MINE | extra)
    columns = (Person.email, Person.password_hash, Person.deactivated_at)
    assert one(select(*columns).where(Person.id == cast.ana.id)) == ("ana@rives.example", cast.ana.password_hash, None)
    assert rows(select(RoleGrant.role).where(RoleGrant.person_id == cast.ana.id)) == ["trainee"]
