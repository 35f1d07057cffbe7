"""Texts beside the code: added with a name in both languages, no longer asked for, asked for again."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from supervision.deontology.models import TextKind
from tests.client import FreshClient
from tests.facts import acts, one, rows

As = Callable[[Any], FreshClient]


@pytest.fixture
def paul(as_: As, cast: SimpleNamespace) -> FreshClient:
    return as_(cast.paul)


def test_a_text_is_added_written_retired_and_asked_for_again(paul: FreshClient, cast: SimpleNamespace) -> None:
    names = {"name_fr": "Données personnelles", "name_en": "Personal data", "is_public": "y"}
    assert paul.post("/deontologie/textes", data=names).location == "/textes/donnees-personnelles/atelier"
    kind = one(select(TextKind).where(TextKind.slug == "donnees-personnelles"))
    assert (kind.name_en, kind.is_public, kind.has_consequences, kind.position) == ("Personal data", True, False, 1)
    paul.post("/deontologie/textes/donnees-personnelles/retirer")
    assert paul.get("/textes/donnees-personnelles/atelier").status_code == 404
    assert "Demander de nouveau" in paul.get("/deontologie/textes").text
    paul.post("/deontologie/textes/donnees-personnelles/reprendre")
    assert paul.get("/textes/donnees-personnelles/atelier").status_code == 200
    done = [act[0] for act in acts("text-kind-added", "text-kind-retired", "text-kind-resumed")]
    assert done == ["text-kind-added", "text-kind-retired", "text-kind-resumed"]


def test_a_second_text_of_the_same_name_has_its_own_address(paul: FreshClient) -> None:
    names = {"name_fr": "Déontologie", "name_en": "Ethics"}
    assert paul.post("/deontologie/textes", data=names).location == "/textes/deontologie-2/atelier"


def test_the_code_is_always_asked_for(paul: FreshClient) -> None:
    assert paul.post("/deontologie/textes/deontologie/retirer").status_code == 403
    assert paul.post("/deontologie/textes/nulle-part/retirer").status_code == 404


@pytest.mark.parametrize("missing", ["name_fr", "name_en"])
def test_a_text_has_a_name_in_both_languages(paul: FreshClient, missing: str) -> None:
    names = {"name_fr": "Données personnelles", "name_en": "Personal data", missing: " "}
    page = paul.post("/deontologie/textes", data=names)
    assert (page.status_code, re.findall(r'id="(\w+)-error"', page.text)) == (422, [missing])
    assert len(rows(select(TextKind.slug))) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_texts_costs_the_same_for_many(
    paul: FreshClient, now: Any, cast: SimpleNamespace, statements: Callable[[], list[str]], count: int
) -> None:
    asked = []
    for _ in range(2):
        paul.get("/deontologie/textes")
        statements()
        paul.get("/deontologie/textes")
        asked.append(len(statements()))
        for number in range(count):
            paul.post("/deontologie/textes", data={"name_fr": f"Texte {number}", "name_en": f"Text {number}"})
    assert asked[0] == asked[1]
