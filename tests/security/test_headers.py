"""What every answer says about trust, whatever kind of answer it is; and the cookies."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from supervision.demo.association import PASSWORD
from supervision.people.models import Person
from tests.client import FreshClient

As = Callable[[Person], FreshClient]
ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def trust(response: Any) -> dict[str, str]:
    return {name: response.headers[name] for name in ALWAYS if name in response.headers}


def boom() -> str:
    raise RuntimeError


def test_every_kind_of_answer_carries_all_of_them(
    app: Flask, as_: As, visitor: FreshClient, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "people.account", boom)
    ana, sheet = as_(cast.ana), app.jinja_env.globals["asset"]("css/app.css")  # type: ignore[operator]
    answers = {
        "page 200": visitor.get("/connexion"),
        "signed in 200": ana.get("/"),
        "json 200": visitor.get("/healthz"),
        "file 200": visitor.get(sheet),
        "redirect 302": visitor.get("/"),
        "slashes 308": visitor.get("//connexion"),
        "token 400": visitor.post("/connexion", token=False),
        "stranger 401": visitor.post("/mon-compte"),
        "refused 403": ana.get("/personnes/inviter"),
        "nothing 404": visitor.get("/nulle-part"),
        "no file 404": visitor.get("/static/nothing.css"),
        "verb 405": visitor.put("/connexion"),
        "link 410": visitor.get("/invitation/x"),
        "big 413": visitor.post("/connexion", data={"email": "x" * 3_000_000}),
        "upload 415": visitor.post("/connexion", data={"f": (BytesIO(b"x"), "x.txt")}),
        "form 422": visitor.post("/connexion", data={}),
        "crash 500": ana.get("/mon-compte"),
        "unready 503": visitor.get("/readyz"),
        "head 200": visitor.head("/connexion"),
        "options 200": visitor.options("/connexion"),
    }
    for _ in range(3):
        visitor.post("/mot-de-passe-oublie", data={"email": "x@rives.example"})
    answers["often 429"] = visitor.post("/mot-de-passe-oublie", data={"email": "x@rives.example"})
    assert {name: answer.status_code for name, answer in answers.items()} == {
        name: int(name.split()[-1]) for name in answers
    }
    assert {name: trust(answer) for name, answer in answers.items()} == dict.fromkeys(answers, ALWAYS)


def test_pages_are_never_kept_by_a_cache_and_files_always(
    app: Flask, as_: As, visitor: FreshClient, cast: SimpleNamespace
) -> None:
    pages = [as_(cast.ana).get("/"), visitor.get("/connexion"), visitor.get("/"), visitor.get("/nulle-part")]
    assert [page.headers["Cache-Control"] for page in pages] == ["no-store"] * 4
    file = visitor.get(app.jinja_env.globals["asset"]("css/app.css"))  # type: ignore[operator]
    assert file.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert "Access-Control-Allow-Origin" not in file.headers
    assert "Set-Cookie" not in file.headers


def test_no_page_needs_an_inline_script_or_style(as_: As, visitor: FreshClient, cast: SimpleNamespace) -> None:
    pages = [visitor.get(path).text for path in ("/connexion", "/deontologie", "/mot-de-passe-oublie", "/nulle-part")]
    pages += [as_(cast.ada).get(path).text for path in ("/", "/personnes", "/journal", "/reglages", "/mon-compte")]
    inline = r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=|javascript:"
    assert [re.findall(inline, page) for page in pages] == [[]] * len(pages)
    assert re.findall(inline, '<p onclick="x" style="y"><script>')


# --- in production ----------------------------------------------------------------------------------------------------


@pytest.fixture
def production(fresh_stack: Callable[..., Flask]) -> Flask:
    return fresh_stack(environment="production")


def test_production_binds_the_cookie_to_this_host_over_tls(production: Flask) -> None:
    client = production.test_client()
    page = client.get("/connexion", base_url="https://localhost")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    form = {"csrf_token": token[1], "email": "ana@rives.example", "password": PASSWORD}
    secure: dict[str, Any] = {"base_url": "https://localhost", "token": False}
    signed_in = client.post("/connexion", data=form, **secure)
    assert signed_in.status_code == 302
    for response in (page, signed_in):
        (cookie,) = response.headers.getlist("Set-Cookie")
        name, _, rest = cookie.partition("=")
        assert name == "__Host-prisme"
        assert sorted(rest.split("; ")[1:]) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]
    assert client.get("/", base_url="https://localhost").status_code == 200


def test_production_insists_on_tls_and_shows_no_mailbox(production: Flask) -> None:
    client = production.test_client()
    file = production.jinja_env.globals["asset"]("css/app.css")  # type: ignore[operator]
    sent = {path: client.get(path).headers.get("Strict-Transport-Security") for path in ("/connexion", "/x", file)}
    assert set(sent.values()) == {"max-age=63072000; includeSubDomains"}
    assert client.get("/dev/boite-mail").status_code == 404


def test_forwarded_addresses_are_believed_only_behind_a_proxy(fresh_stack: Callable[..., Flask]) -> None:
    """Otherwise anybody would have as many addresses as she likes."""
    direct, behind = fresh_stack(), fresh_stack(trusted_proxies=1)

    def tries(app: Flask) -> list[int]:
        client, answers = app.test_client(), []
        for number in range(21):
            headers = {"X-Forwarded-For": f"203.0.113.{number}, 192.0.2.{number}"}
            form = {"email": f"p{number}@x.example"}
            answers.append(client.post("/mot-de-passe-oublie", data=form, headers=headers).status_code)
        return answers

    assert (tries(direct)[-1], tries(behind)[-1]) == (429, 200)
