"""A change needs the token of a page of ours. Without it nothing happens, and nothing that was typed is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from supervision.people.models import Person
from tests.client import FreshClient
from tests.facts import again

As = Callable[[Person], FreshClient]
OURS = {"Sec-Fetch-Site": "same-origin"}
NOBODY = "00000000-0000-7000-8000-000000000000"
TYPED = {"display_name": "Ana\nF. <b>", "language": "en", "zone": "Europe/Paris"}


def kept(page: str) -> dict[str, str]:
    """What the page would send again, the token aside."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    fields += re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.S)
    return {name: html.unescape(value) for name, value in fields if name not in {"csrf_token", "next"}}


def post_doors(app: Flask) -> list[str]:
    """Every address that takes a form, with a real version and otherwise ids that nobody has."""
    given = {"number": "1", "token": "x"}
    rules = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    return [re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: given.get(found[1], NOBODY), rule) for rule in rules]


@pytest.mark.parametrize("forged", [None, "", "x", "é", "IjEyMyI.aaaa.bbbb", "\x00"])
def test_no_door_does_anything_without_its_token(
    app: Flask, as_: As, cast: SimpleNamespace, statements: Callable[[], list[str]], forged: str | None
) -> None:
    client = as_(cast.ada)
    client.get("/")
    statements()
    form = {
        "display_name": "x",
        "email": "x@rives.example",
        "roles": "trainee",
        "language": "en",
        "zone": "Europe/Paris",
    }
    form |= {} if forged is None else {"csrf_token": forged}
    answers = {door: client.post(door, data=form, token=False) for door in post_doors(app)}
    assert {door: answer.status_code for door, answer in answers.items()} == dict.fromkeys(answers, 400)
    assert [line for line in statements() if line.split()[0] in {"INSERT", "UPDATE", "DELETE"}] == []
    assert len(answers) > 20


def test_a_token_of_another_browser_opens_nothing(app: Flask, as_: As, cast: SimpleNamespace) -> None:
    theirs = app.test_client()
    page = theirs.get("/connexion").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]
    ana = as_(cast.ana)
    ana.get("/")
    answer = ana.post("/mon-compte", data=TYPED | {"csrf_token": token}, token=False)
    assert (answer.status_code, again(cast.ana).display_name) == (400, "Ana Ferreira")


def test_a_token_may_come_in_a_header(as_: As, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    token = re.search(r'name="csrf_token" value="([^"]+)"', ana.get("/mon-compte").text)[1]  # type: ignore[index]
    answer = ana.post("/mon-compte", data=TYPED, headers={"X-CSRFToken": token}, token=False)
    assert (answer.status_code, again(cast.ana).language) == (302, "en")


# --- what was typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [
        (OURS, True),
        ({"Origin": "http://localhost"}, True),
        ({"Referer": "http://localhost/mon-compte"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Referer": "https://evil.example/localhost"}, False),
        ({}, False),
    ],
)
def test_only_our_own_pages_get_back_what_they_sent(
    as_: As, cast: SimpleNamespace, headers: dict[str, str], is_kept: bool
) -> None:
    answer = as_(cast.ana).post("/mon-compte", data=TYPED, headers=headers, token=False)
    assert (answer.status_code, kept(answer.text)) == (400, TYPED if is_kept else {})
    assert "<b>" not in answer.text


def test_what_was_kept_can_be_sent_again(as_: As, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    page = ana.post("/mon-compte", data=TYPED, headers=OURS, token=False).text
    token = re.search(r'action="/mon-compte">\s*<input type="hidden" name="csrf_token" value="([^"]+)"', page)
    assert token
    ana.post("/mon-compte", data=kept(page) | {"csrf_token": token[1]}, token=False)
    assert again(cast.ana).display_name == "Ana F. <b>"


def test_a_session_that_ended_meanwhile_gives_back_what_was_typed(
    app: Flask, visitor: FreshClient, cast: SimpleNamespace
) -> None:
    answer = visitor.post("/mon-compte", data=TYPED, headers=OURS)
    assert (answer.status_code, kept(answer.text)) == (401, TYPED)
    assert "dans un autre onglet" in answer.text


@pytest.mark.parametrize(
    ("door", "form"),
    [
        ("/connexion", {"email": "ana@rives.example", "password": "marque-7f3a"}),
        ("/mot-de-passe", {"current_password": "marque-7f3a"}),
        ("/mot-de-passe", {"current_password": "a", "password": "marque-7f3a", "password_again": "marque-7f3a"}),
        ("/invitation/x", {"password": "marque-7f3a", "password_again": ""}),
        ("/nouveau-mot-de-passe/x", {"password_again": "marque-7f3a"}),
    ],
)
def test_no_password_is_ever_given_back(
    as_: As, visitor: FreshClient, cast: SimpleNamespace, door: str, form: dict[str, str]
) -> None:
    for client in (visitor, as_(cast.ana)):
        answer = client.post(door, data=form, headers=OURS, token=False)
        assert (answer.status_code, kept(answer.text)) == (400, {})
        assert "marque-7f3a" not in answer.text


def test_a_field_name_cannot_break_out_of_the_page(as_: As, cast: SimpleNamespace) -> None:
    form: dict[str, Any] = {'"><script>alert(1)</script>': "x", "y": '"><img src=x>', "z": "</textarea>\n<b>"}
    page = as_(cast.ana).post("/mon-compte", data=form, headers=OURS, token=False).text
    assert ("<script>alert" in page, "<img src=x" in page, "<b>" in page) == (False, False, False)


def test_a_fragment_gets_a_fresh_token_and_says_when_to_sign_in(
    as_: As, visitor: FreshClient, cast: SimpleNamespace
) -> None:
    partial = {"HX-Request": "true"}
    stale = as_(cast.ana).post("/mon-compte", data=TYPED, headers=partial, token=False)
    out = visitor.post("/mon-compte", data=TYPED, headers=partial)
    assert (stale.status_code, "data-csrf" in stale.text) == (400, True)
    assert (out.status_code, "<html" in out.text, "session a expiré" in out.text) == (401, False, True)
