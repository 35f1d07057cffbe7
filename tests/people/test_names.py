from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from supervision.db import db
from supervision.ids import new_id
from supervision.people import actions, queries
from supervision.people.models import RoleGrant
from supervision.people.rules import name_key


@pytest.mark.parametrize(
    ("name", "key"), [("Élise Faÿ", "elise fay"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("Zoë", "zoe")]
)
def test_a_name_is_folded_to_its_letters(name: str, key: str) -> None:
    assert name_key(name) == key


@pytest.mark.parametrize("search", ["élise", "ELISE", "Elise", "lis"])
def test_a_search_needs_no_accent_and_no_capital(app: Flask, now: datetime, search: str) -> None:
    actions.add_person(
        actor=None, email="elise@rives.example", display_name="Élise Faÿ", language="fr", zone="Europe/Paris", now=now
    )
    assert [person.display_name for person in queries.people_page(after=None, search=search, limit=5)] == ["Élise Faÿ"]


def test_a_changed_name_is_found_under_the_new_one(cast: SimpleNamespace) -> None:
    actions.change_preferences(person=cast.zoe, display_name="Éloïse Martin", language="fr", zone="Europe/Paris")
    assert queries.people_page(after=None, search="eloise", limit=5) == [cast.zoe]


def test_the_database_itself_refuses_one_role_twice_at_once(cast: SimpleNamespace, now: datetime) -> None:
    db.session.add(RoleGrant(id=new_id(), person_id=cast.ana.id, role="trainee", granted_at=now, confirmed_at=now))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()
