"""Logs say where and how often, never who or what."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from flask import Flask

from supervision import logs
from supervision.people.models import Person
from tests.client import FreshClient

As = Callable[[Person], FreshClient]
MARK = "marque-7f3a"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What the application writes to standard error, as the web process would; every line is one JSON object."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    root.handlers.clear()  # pytest's own, which would be closed for good
    stream = StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        logs.configure("DEBUG")
    structlog.configure(cache_logger_on_first_use=False)

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    yield read
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def requests(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in found if line["event"] == "request"]


def test_a_request_leaves_one_line_with_its_rule_and_its_id(
    visitor: FreshClient, cast: SimpleNamespace, lines: Lines
) -> None:
    answer = visitor.get("/deontologie/version-1?q=x", headers={"X-Request-Id": "abc-123.DEF_4"})
    (line,) = requests(lines())
    assert answer.headers["X-Request-Id"] == "abc-123.DEF_4"
    assert sorted(line) == ["event", "level", "logger", "method", "ms", "request_id", "rule", "status", "timestamp"]
    assert (line["method"], line["rule"], line["status"]) == ("GET", "/deontologie/version-<int(max=9999):number>", 200)
    assert (line["request_id"], line["level"], line["logger"]) == ("abc-123.DEF_4", "info", "request")


@pytest.mark.parametrize(
    "given", [None, "", "short", "a" * 65, "a b c d e f", "é" * 10, '{"x": 1}aaaa', "a\x7fbcdefgh"]
)
def test_an_id_that_is_not_one_is_replaced(
    visitor: FreshClient, cast: SimpleNamespace, lines: Lines, given: str | None
) -> None:
    answer = visitor.get("/connexion", headers={} if given is None else {"X-Request-Id": given})
    (line,) = requests(lines())
    assert line["request_id"] == answer.headers["X-Request-Id"] != given
    assert len(line["request_id"]) == 16


def test_no_id_leaks_from_one_request_into_the_next(visitor: FreshClient, cast: SimpleNamespace, lines: Lines) -> None:
    visitor.get("/connexion", headers={"X-Request-Id": "the-first-one"})
    structlog.get_logger("x").info("outside")
    assert [line.get("request_id") for line in lines() if line["event"] in {"request", "outside"}] == [
        "the-first-one",
        None,
    ]


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (f"/invitation/{MARK}", "/invitation/<token>"),
        (f"/nouveau-mot-de-passe/{MARK}", "/nouveau-mot-de-passe/<token>"),
        (f"/{MARK}", "unknown"),
        (f"/connexion?next=/{MARK}", "/connexion"),
        (f"/premiere-installation?code={MARK}", "/premiere-installation"),
    ],
)
def test_no_token_of_an_address_is_logged(
    visitor: FreshClient, cast: SimpleNamespace, lines: Lines, path: str, rule: str
) -> None:
    visitor.get(path)
    found = lines()
    assert [line["rule"] for line in requests(found)] == [rule]
    assert MARK not in json.dumps(found)


def test_a_crash_is_logged_by_its_place_and_not_by_its_words(
    app: Flask, as_: As, cast: SimpleNamespace, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def view() -> str:
        try:
            raise ValueError(f"{MARK}-inner")
        except ValueError as error:
            raise LookupError(f"{MARK}-outer") from error

    monkeypatch.setitem(app.view_functions, "people.account_post", view)
    answer = as_(cast.ana).post("/mon-compte", data={"display_name": MARK})
    found = lines()
    (crash,) = [line for line in found if line["event"] == "crash"]
    assert (crash["exception"], crash["rule"]) == ("builtins.LookupError", "/mon-compte")
    assert crash["at"][-1].endswith(" view")
    assert crash["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["X-Request-Id"] in answer.text
    assert (MARK in json.dumps(found), MARK in answer.text) == (False, False)


def test_a_crash_of_the_database_quotes_no_value(
    app: Flask, as_: As, cast: SimpleNamespace, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_outside = "supervision.people.actions.change_preferences"

    def change(*, person: Person, **_texts: str) -> None:
        person.language, person.display_name = MARK, MARK  # the database refuses this language

    monkeypatch.setattr(from_outside, change)
    answer = as_(cast.ana).post("/mon-compte", data={"display_name": "x", "language": "en", "zone": "Europe/Paris"})
    found = lines()
    (crash,) = [line for line in found if line["event"] == "crash"]
    assert (answer.status_code, crash["exception"]) == (500, "sqlalchemy.exc.IntegrityError")
    assert (MARK in json.dumps(found), MARK in answer.text) == (False, False)


def test_a_library_that_logs_an_exception_loses_its_words_too(app: Flask, lines: Lines) -> None:
    try:
        raise RuntimeError(MARK)
    except RuntimeError:
        logging.getLogger("some.library").exception("it broke")
    (line,) = lines()
    assert (line["event"], line["exception"], line["logger"]) == ("it broke", "builtins.RuntimeError", "some.library")
    assert MARK not in json.dumps(line)


def test_signing_in_and_failing_to_leaves_no_address_name_or_password(
    visitor: FreshClient, cast: SimpleNamespace, lines: Lines
) -> None:
    known = {"email": "ana@rives.example", "password": "un prisme transparent"}
    for form in (known, known | {"password": MARK}, {"email": f"{MARK}@x.example", "password": MARK}):
        visitor.post("/connexion", data=form, environ_base={"REMOTE_ADDR": "192.0.2.77"})
    visitor.post("/mot-de-passe-oublie", data={"email": "ana@rives.example"})
    found = lines()
    text = json.dumps(found, ensure_ascii=False)
    assert [line["status"] for line in requests(found)] == [302, 422, 422, 200]
    assert [word for word in ("rives.example", MARK, "Ana", "192.0.2.77", str(cast.ana.id)) if word in text] == []
