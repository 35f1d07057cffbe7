"""An empty platform is opened once, by whoever knows the code that was printed at its start."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from supervision import clock
from supervision.association.models import Association
from supervision.db import db
from supervision.people import actions as people
from supervision.people.models import Person, RoleGrant
from supervision.sign_in.models import UserSession
from supervision.sign_in.rules import first_run_code
from tests.client import FreshClient
from tests.facts import acts, one, rows, statuses, together

DOOR = "/premiere-installation"
HERS = {"association": "Rives", "display_name": "Ada Koné", "email": "ada@rives.example"}
HERS |= {"password": "un prisme transparent", "password_again": "un prisme transparent"}


@pytest.fixture
def empty(empty_stack: Callable[..., Flask]) -> Iterator[Flask]:
    """A migrated database with nobody in it."""
    app = empty_stack()
    with app.app_context():
        db.session.commit()
    return app


def form(app: Flask, **changes: str) -> dict[str, str]:
    return {"code": first_run_code(app.config["SECRET_KEY"]), **HERS, **changes}


def test_the_association_and_its_first_administrator_are_made_together(empty: Flask) -> None:
    client = empty.test_client()
    answer = client.post(DOOR, data=form(empty))
    assert (answer.status_code, answer.location) == (302, "/personnes")
    assert client.get("/personnes").status_code == 200
    with empty.app_context():
        ada = one(select(Person))
        assert one(select(Association.id, Association.name, Association.contact_email)) == (1, "Rives", ada.email)
        assert one(select(RoleGrant.role, RoleGrant.person_id)) == ("administrator", ada.id)
        assert [act[0] for act in acts("person-added", "role-granted", "password-set", "signed-in")] == [
            "person-added",
            "role-granted",
            "password-set",
            "signed-in",
        ]


def test_the_page_offers_no_code_of_ethics_before_there_is_an_association(empty: Flask) -> None:
    client = empty.test_client()
    assert "/deontologie" not in client.get(DOOR).text
    client.post(DOOR, data=form(empty))
    assert "/deontologie" in client.get("/mon-compte").text.split("<footer")[1]


WRONG: list[tuple[dict[str, str], set[str]]] = [
    ({"code": ""}, {"code"}),
    ({"code": "0" * 24}, {"code"}),
    ({"code": "é\x00"}, {"code"}),
    ({"association": " ", "display_name": "\u200b"}, {"association", "display_name"}),
    ({"email": "ada"}, {"email"}),
    ({"password": "court", "password_again": "court"}, {"password"}),
]


def test_a_wrong_form_is_told_at_its_fields_and_makes_nothing(empty: Flask) -> None:
    answers = [empty.test_client().post(DOOR, data=form(empty, **changes)) for changes, _ in WRONG]
    told = [(answer.status_code, set(re.findall(r'id="(\w+)-error"', answer.text))) for answer in answers]
    assert told == [(422, fields) for _, fields in WRONG]
    with empty.app_context():
        assert (rows(select(Association)), rows(select(Person))) == ([], [])


def test_the_page_serves_once(empty: Flask) -> None:
    empty.test_client().post(DOOR, data=form(empty))
    late = empty.test_client()
    again = [late.get(DOOR).status_code, late.post(DOOR, data=form(empty, email="eve@rives.example")).status_code]
    assert again == [404, 404]
    with empty.app_context():
        assert rows(select(Person.email)) == ["ada@rives.example"]


def test_two_who_open_it_at_once_make_one_association(empty: Flask) -> None:
    answers = together(4, lambda: empty.test_client().post(DOOR, data=form(empty)))
    assert statuses(answers) == [302, 404, 404, 404]
    with empty.app_context():
        assert (len(rows(select(Association.id))), len(rows(select(Person.id)))) == (1, 1)
        assert len(rows(select(UserSession.id))) == 1


def test_somebody_whom_the_command_line_made_known_is_told_at_the_field(empty: Flask) -> None:
    with empty.app_context():
        known = {"email": HERS["email"], "display_name": "Ada", "language": "fr", "zone": "Europe/Paris"}
        people.add_person(actor=None, **known, now=clock.now())
        db.session.commit()
    answer = empty.test_client().post(DOOR, data=form(empty))
    assert (answer.status_code, "déjà cette adresse" in answer.text) == (422, True)
    with empty.app_context():
        assert rows(select(Association)) == []


def test_no_page_breaks_before_there_is_an_association(empty: Flask) -> None:
    paths = ("/", "/connexion", "/deontologie", "/mot-de-passe-oublie", "/healthz", "/nowhere")
    answers = {path: empty.test_client().get(path) for path in paths}
    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/": 302,
        "/connexion": 302,
        "/deontologie": 404,
        "/mot-de-passe-oublie": 200,
        "/healthz": 200,
        "/nowhere": 404,
    }
    assert answers["/connexion"].location == DOOR


def test_a_running_platform_has_no_first_page(app: Flask, visitor: FreshClient, cast: SimpleNamespace) -> None:
    door = f"{DOOR}?code={first_run_code(app.config['SECRET_KEY'])}"
    assert [visitor.get(door).status_code, visitor.post(DOOR, data=form(app)).status_code] == [404, 404]
