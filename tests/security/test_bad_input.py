"""Whatever is sent, the answer is a clear one: never a crash, and never a change half made."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from supervision.people.models import Person
from tests.client import FreshClient
from tests.facts import again
from tests.security.test_tokens import NOBODY, post_doors

As = Callable[[Person], FreshClient]
FIELDS = (
    *("email", "password", "password_again", "current_password", "display_name", "language", "zone", "roles", "role"),
    *("supervisee", "supervisor", "starts_on", "ends_on", "answer", "agrees", "typed_name", "name", "contact_email"),
    *("feedback_target_days", "code", "association", "next", "creation_key", "revision", "title"),
)
NASTY = (
    *("\x00", "\ud800", "\U0010ffff" * 50, "é\u0301" * 300, "-1", "9" * 5000, "NaN", "[]"),
    *("%s%(x)s{0}", "'\";--", "\r\n"),
)
VERBS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X")


def get_doors(app: Flask) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    return [rule.rule for rule in rules if "<" not in rule.rule] + [f"/personnes/{NOBODY}", f"/situations/{NOBODY}"]


def changes(statements: list[str]) -> list[str]:
    """Statements that change more than a counter of attempts, or a row that the address names and nobody has."""
    verbs, by_id = {"INSERT", "UPDATE", "DELETE"}, ("UPDATE outbox_mail", "UPDATE user_session")
    changing = [line for line in statements if line.split()[0] in verbs and "rate_counter" not in line]
    return [line for line in changing if not line.startswith(by_id)]


@pytest.mark.parametrize("value", NASTY, ids=lambda value: ascii(value)[:16])
def test_no_form_breaks_a_door(app: Flask, as_: As, cast: SimpleNamespace, value: str) -> None:
    ada = as_(cast.ada)
    sent = value.encode("utf-8", "surrogatepass")
    answers = {door: ada.post(door, data=dict.fromkeys(FIELDS, sent)).status_code for door in post_doors(app)}
    assert {door: status for door, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("value", NASTY, ids=lambda value: ascii(value)[:16])
def test_no_address_breaks_a_page(app: Flask, as_: As, cast: SimpleNamespace, value: str) -> None:
    ada, sent = as_(cast.ada), value.encode("utf-8", "surrogatepass")
    names = ("q", "apres", "name", "id", "avant", "etat", "next", "code")
    quoted = "&".join(f"{name}=" + "".join(f"%{byte:02X}" for byte in sent[:3000]) for name in names)
    answers = {door: ada.get(f"{door}?{quoted}").status_code for door in get_doors(app)}
    assert {door: status for door, status in answers.items() if status >= 500 and door != "/readyz"} == {}


# What is pressed here has nothing to fill in: a press is all there is to read.
WITHOUT_FIELDS = {"/deconnexion", "/mes-sessions/tout-fermer", "/langue"} | {
    f"/deontologie/engagements/liste/{kind}" for kind in ("csv", "classeur")
}


@pytest.mark.parametrize(
    "body",
    [
        {"email": ["x"], "password": {"a": 1}, "display_name": 5, "roles": None, "answer": True},
        {"display_name": "\ud800", "language": "en", "zone": "Europe/Paris"},
        [1, 2],
        "text",
        7,
        None,
    ],
)
def test_json_is_no_form(
    app: Flask, as_: As, cast: SimpleNamespace, statements: Callable[[], list[str]], body: Any
) -> None:
    ada = as_(cast.ada)
    headers = {"X-CSRFToken": ada._token()}
    statements()
    doors = [door for door in post_doors(app) if door not in WITHOUT_FIELDS]
    answers = {}
    for door in doors:
        answers[door] = ada.post(door, json=body, headers=headers, token=False).status_code
    assert {door: status for door, status in answers.items() if not 400 <= status < 500 and status != 302} == {}
    assert (changes(statements()), again(cast.ada).display_name) == ([], "Ada Koné")


def test_no_door_but_one_takes_a_file(
    app: Flask, as_: As, cast: SimpleNamespace, statements: Callable[[], list[str]]
) -> None:
    ada = as_(cast.ada)
    statements()
    answers = {}
    for door in post_doors(app):
        form = {"display_name": (BytesIO(b"x"), "x.txt"), "language": "en", "zone": "Europe/Paris"}
        answers[door] = ada.post(door, data=form).status_code
    attaching = [door for door in answers if door.endswith("/pieces")]
    assert answers == dict.fromkeys(answers, 415) | dict.fromkeys(attaching, 404)
    assert len(attaching) == 1
    assert changes(statements()) == []


@pytest.mark.parametrize(
    ("body", "kind", "statuses"),
    [
        (b"x=" + b"y" * 3_000_000, "application/x-www-form-urlencoded", {413}),
        (b"&".join(b"a%d=1" % n for n in range(5000)), "application/x-www-form-urlencoded", {400, 413}),
        (b"", "multipart/form-data", {400}),
        (b"--x\r\nContent-Disp", "multipart/form-data; boundary=x", {400}),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n', "multipart/form-data; boundary=x", {400}),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded", {400}),
        (b"%", "application/x-www-form-urlencoded; charset=nonsense", {400}),
        (b"{", "application/json", {400}),
        (b"x", "nonsense", {400}),
    ],
)
def test_a_malformed_body_is_refused_calmly(
    visitor: FreshClient, cast: SimpleNamespace, body: bytes, kind: str, statuses: set[int]
) -> None:
    answer = visitor.post("/connexion", data=body, content_type=kind, token=False)
    assert answer.status_code in statuses
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_answer_and_none_but_post_changes_anything(
    app: Flask, as_: As, visitor: FreshClient, cast: SimpleNamespace, statements: Callable[[], list[str]], verb: str
) -> None:
    ada = as_(cast.ada)
    statements()
    known = {"/readyz"} if verb == "HEAD" else set()
    doors = [door for door in dict.fromkeys([*get_doors(app), *post_doors(app)]) if door not in known]
    answers = [(door, who.open(door, method=verb, token=False)) for who in (ada, visitor) for door in doors]
    assert [(door, answer.status_code) for door, answer in answers if answer.status_code >= 500] == []
    assert changes(statements()) == []
    if verb == "HEAD":
        assert {answer.data for _, answer in answers} == {b""}


@pytest.mark.parametrize(
    "cookie", ["x", "é|é", "a|b", "|", "eyJfdXNlcl9pZCI6IngifQ.aaaa.bbbb", "\x01", "x" * 4000, ".", ".."]
)
@pytest.mark.parametrize("name", ["prisme", "remember_token", "session"])
def test_a_forged_cookie_is_nobody(visitor: FreshClient, cast: SimpleNamespace, name: str, cookie: str) -> None:
    header = f"{name}={cookie}".encode().decode("latin-1")
    answer = visitor.get("/mon-compte", headers={"Cookie": header})
    assert (answer.status_code, answer.location) == (302, "/connexion?next=/mon-compte")


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "*;q=nan,fr;q=,;;,en-" + "x" * 500},
        {"User-Agent": "\xff" * 300},
        {"X-Request-Id": "a b\x7f" + "x" * 300},
        {"Host": "a:b:c"},
        {"Host": "evil.example"},
        {"Referer": "http://[", "Origin": "http://["},
        {"X-Forwarded-For": "x", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "x"},
    ],
)
def test_no_header_breaks_a_page(visitor: FreshClient, cast: SimpleNamespace, headers: dict[str, str]) -> None:
    answers = [visitor.get("/connexion", headers=headers), visitor.post("/mon-compte", headers=headers)]
    assert [answer.status_code for answer in answers] in ([200, 401], [200, 400], [400, 400])
    assert "evil.example" not in "".join(answer.text + str(answer.headers) for answer in answers)
