"""Every door of the house, read from the application's own map: how it is named, who may come in, what it may do."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from jinja2 import nodes
from werkzeug.routing import Rule

from supervision import ROOMS, ROOT, mailbox
from supervision.cases import doors as case_doors
from supervision.ids import new_id
from tests.client import FreshClient

# Open to somebody who is not signed in. Whatever is not here asks for a sign-in.
PUBLIC = {
    "association.first_run",
    "association.first_run_post",
    "deontology.article",
    "deontology.code_in_force",
    "deontology.version",
    "deontology.versions",
    "differences.between",
    "health.healthz",
    "health.readyz",
    "mailbox.mail",
    "mailbox.mail_html",
    "mailbox.mailbox",
    "printing.pdf",
    "receipts.verified",
    "receipts.verify",
    "sign_in.forgotten",
    "sign_in.forgotten_post",
    "sign_in.invitation",
    "sign_in.invitation_post",
    "sign_in.reset",
    "sign_in.reset_post",
    "sign_in.set_language",
    "sign_in.sign_in",
    "sign_in.sign_in_post",
}
# Reached by GET, and record that somebody read.
WRITES = {"cases.case", "case_feedback.feedback", "case_feedback.preview", "case_attachments.attachment"}
WRITES |= {"referrals.referral"}
WRITES |= {"receipts.verified"}  # counts how often codes are tried
# Text in an address: single-use tokens, which are looked up by their signature, and file names of development.
FREE_TEXT = {"sign_in.invitation", "sign_in.invitation_post", "sign_in.reset", "sign_in.reset_post", "mailbox.mail"}
FREE_TEXT |= {"mailbox.mail_html", "receipts.verified"}
# Names of texts and of their articles, which are data: what is not the name of one is not found.
NAMED = {"kind", "article", "language"}  # the language: of a PDF, fixed by its address
ENGLISH = {"sign", "login", "logout", "new", "edit", "delete", "people", "person", "case", "mail", "settings", "answer"}
ENGLISH |= {"session", "password", "code-of-ethics", "feedback", "draft", "submit", "language", "account", "home"}
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*-?")  # « version-<int:number> » ends in a hyphen


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def view_of(app: Flask, rule: Rule) -> Callable[..., Any]:
    return inspect.unwrap(app.view_functions[rule.endpoint])


def words(rule: Rule) -> list[str]:
    """The fixed pieces of an address."""
    return [word for word in re.sub(r"<[^>]*>", "", rule.rule).split("/") if word]


def address(rule: Rule) -> str:
    """The rule with an id that nobody has, or a number."""
    given = {"UUIDConverter": str(new_id()), "IntegerConverter": "1", "UnicodeConverter": "nothing"}
    text = rule.rule
    for name, converter in rule._converters.items():
        text = re.sub(rf"<[^<>]*\b{name}>", given[type(converter).__name__], text)
    return text


# --- names ------------------------------------------------------------------------------------------------------------


def test_every_address_is_written_in_french_in_small_letters_and_hyphens(app: Flask) -> None:
    odd = {rule.rule for rule in rules(app) for word in words(rule) if not KEBAB.fullmatch(word) or word in ENGLISH}
    assert odd == set()
    assert not KEBAB.fullmatch("snake_case")


def test_every_part_of_an_address_that_varies_has_a_type_and_its_view_expects_it(app: Flask) -> None:
    expected = {"UUIDConverter": "UUID", "IntegerConverter": "int"}
    wrong = []
    for rule in rules(app):
        given = {name: expected.get(type(c).__name__, "str") for name, c in rule._converters.items()}
        given |= dict.fromkeys(rule.defaults or {}, "str")  # the code of ethics, whose address is short
        taken = {name: str(p.annotation) for name, p in inspect.signature(view_of(app, rule)).parameters.items()}
        free = {name for name, type_ in given.items() if type_ == "str"} - NAMED
        if given != taken or (free and rule.endpoint not in FREE_TEXT):
            wrong.append((rule.endpoint, given, taken))
    assert wrong == []


def test_one_door_has_one_verb(app: Flask) -> None:
    verbs = {rule.endpoint: (rule.methods or set()) - {"HEAD", "OPTIONS"} for rule in rules(app)}
    assert {name: found for name, found in verbs.items() if found not in ({"GET"}, {"POST"})} == {}


# --- who may come in --------------------------------------------------------------------------------------------------


def test_only_the_listed_doors_are_public(app: Flask) -> None:
    marked = {rule.endpoint for rule in rules(app) if getattr(view_of(app, rule), "is_public", False)}
    assert marked == PUBLIC


def test_every_other_door_sends_a_stranger_to_the_sign_in_page(app: Flask, visitor: FreshClient) -> None:
    let_in = []
    for rule in rules(app):
        verb = "POST" if "POST" in (rule.methods or set()) else "GET"
        answer = visitor.open(address(rule), method=verb)
        to_sign_in = answer.status_code == 302 and "/connexion?" in (answer.location or "")
        if rule.endpoint not in PUBLIC and answer.status_code != 401 and not to_sign_in:
            let_in.append((rule.rule, answer.status_code))
    assert let_in == []


def test_no_door_changes_anything_without_the_token_of_a_page(
    app: Flask, as_: Callable[..., FreshClient], cast: SimpleNamespace
) -> None:
    ada = as_(cast.ada)
    accepted = [
        (rule.rule, answer.status_code)
        for rule in rules(app)
        if "POST" in (rule.methods or set())
        and (answer := ada.post(address(rule), data={}, token=False)).status_code != 400
    ]
    assert accepted == []


# --- what it may do ---------------------------------------------------------------------------------------------------


@cache
def functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    """Each module is read once: CPython 3.11 now and then loses count of its depth when it reads hundreds in a row."""
    return functions_in(inspect.getsource(module))


def functions_in(source: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def called(node: ast.AST) -> set[str]:
    return {ast.unparse(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call)}


def commits_unprepared(name: str, known: dict[str, ast.FunctionDef], seen: frozenset[str] = frozenset()) -> bool:
    """True if the function, or one that it calls, commits without having left the reading transaction."""
    calls = called(known[name])
    if "begin_writing" in calls:
        return False
    if calls & {"commit", "db.session.commit"}:
        return True
    return any(commits_unprepared(n, known, seen | {name}) for n in calls & set(known) - seen - {name})


def get_views(app: Flask) -> Iterator[tuple[str, Callable[..., Any], ModuleType]]:
    modules = {room.bp.name: room for room in (*ROOMS, mailbox)}
    for rule in rules(app):
        if "GET" in (rule.methods or set()):
            yield rule.endpoint, view_of(app, rule), modules[rule.endpoint.partition(".")[0]]


def test_a_page_that_writes_says_so(app: Flask) -> None:
    known: dict[str, ast.FunctionDef] = functions(case_doors)
    for room in ROOMS:
        known |= functions(room)
    bait = functions_in("def page(): keep()\ndef keep(): commit()")
    writing = {
        endpoint
        for endpoint, view, module in get_views(app)
        if commits_unprepared(view.__name__, known | functions(module))
    }
    marked = {endpoint for endpoint, view, _ in get_views(app) if getattr(view, "writes", False)}
    assert writing == marked == WRITES
    assert commits_unprepared("page", bait)


def test_no_other_page_writes_a_row(
    app: Flask, as_: Callable[..., FreshClient], cast: SimpleNamespace, statements: Callable[[], list[str]]
) -> None:
    wrote = []
    for person in (cast.ana, cast.sam, cast.ada):
        client = as_(person)
        client.get("/")
        statements()
        for rule in rules(app):
            if "GET" in (rule.methods or set()) and rule.endpoint not in WRITES:
                client.get(address(rule))
                changes = [s for s in statements() if s.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
                wrote += [(rule.endpoint, person.display_name, change) for change in changes]
    assert wrote == []


# --- templates --------------------------------------------------------------------------------------------------------


def mentioned_by_templates(app: Flask) -> set[str]:
    """Whatever a template extends, imports or includes."""
    kinds = (nodes.Extends, nodes.Import, nodes.FromImport, nodes.Include)
    found = set()
    for name in app.jinja_env.list_templates(["html", "txt"]):
        source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, name)  # type: ignore[union-attr]
        used = app.jinja_env.parse(source).find_all(kinds)
        found |= {node.template.value for node in used if isinstance(node.template, nodes.Const)}  # type: ignore[union-attr]
    return found


def mentioned_by_code() -> set[str]:
    """Every text in the code that names a template; a mail names both of its parts at once."""
    texts = set()
    for file in (ROOT / "supervision").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                texts.add(ast.unparse(node).strip("f'\""))
    return texts


def mails_of_code(texts: set[str], folder: str) -> set[str]:
    kinds = ("invitation", "reset")  # sign_in/emails.py makes the name from the kind
    named = texts | {f"sign_in/{kind}" for kind in kinds}
    return {f"{folder}{name}{suffix}" for name in named for suffix in (".txt", ".html")}


def test_no_template_is_dead_and_none_is_missing(app: Flask) -> None:
    present = set(app.jinja_env.list_templates(["html", "txt"]))
    texts = mentioned_by_code()
    used = mentioned_by_templates(app) | texts | mails_of_code(texts, "emails/")
    pages = {text for text in texts if re.fullmatch(r"[a-z_]+/[a-z_]+\.html", text)}
    assert present - used == set()
    assert (pages | mentioned_by_templates(app)) - present == set()


# --- the timetable ----------------------------------------------------------------------------------------------------


def test_every_entry_of_the_timetable_names_a_task_and_expires() -> None:
    timetable = ast.parse((ROOT / "worker" / "timetable.py").read_text())
    tasks = ast.parse((ROOT / "worker" / "tasks.py").read_text())
    real = {
        ast.literal_eval(mark.args[0])
        for node in tasks.body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "task"
    }
    entries = [node for node in ast.walk(timetable) if isinstance(node, ast.Dict) and "task" in keys(node)]
    asked = {ast.literal_eval(value) for node in entries for key, value in pairs(node) if key == "task"}
    assert asked == real
    assert all("expires" in ast.unparse(node) for node in entries)


def keys(node: ast.Dict) -> set[Any]:
    return {key for key, _ in pairs(node)}


def pairs(node: ast.Dict) -> Iterator[tuple[Any, ast.expr]]:
    return (
        (key.value, value) for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
    )


@pytest.mark.parametrize("nonsense", ["not-an-id", "1", "00000000"])
def test_an_address_that_is_not_an_id_does_not_exist(
    as_: Callable[..., FreshClient], cast: SimpleNamespace, nonsense: str
) -> None:
    assert as_(cast.ana).get(f"/situations/{nonsense}").status_code == 404
    assert UUID(str(new_id())).version == 7
