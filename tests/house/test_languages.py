"""No language is mixed into the other: not in a template, not in a module, not on a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from supervision.crypto import Keyring
from supervision.people.models import Person
from tests import desk
from tests.client import FreshClient
from tests.pages import SPOKEN, page_texts
from translations import refresh
from translations.refresh import ROOT, forms

As = Callable[[Person], FreshClient]
LANGUAGES = tuple(refresh.PLURALS)


# --- words that never reach the catalogues ---------------------------------------------------------------------------

NAMES = {"Prisme", "Français", "English"}  # the same in both languages: a language is listed in its own words
GETTEXT = {"_", "_l", "gettext", "ngettext", "lazy_gettext"}


def templates() -> list[Path]:
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})


def literals(node: nodes.Node) -> Iterator[str]:
    """The constants of a template's expressions, except what goes through gettext."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in GETTEXT:
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        yield from literals(child)


def bare_words(template: str) -> list[str]:
    """What a template would show in either language: words outside expressions, and sentences inside them."""
    jinja = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True)
    tree = jinja.parse(re.sub(r"(?<={% block width %})\w+", "", template))  # a name for the style sheet
    shown = "\ufffc".join(data.data for data in tree.find_all(nodes.TemplateData))
    shown = re.sub(r"(?s)<!doctype \w+|<(script|style)\b.*?</\1>", " ", shown)
    named = re.findall(rf'\b(?:{"|".join(SPOKEN)})="([^"\ufffc]*)', shown)
    words = re.findall(r"[^\W\d_]{2,}", " ".join((re.sub(r"<[^>]*>?|[^<>]*\ufffc[^<>]*>|&\w+;", " ", shown), *named)))
    inside = [text for text in literals(tree) if re.search(r"[À-ÿœ]|[^\W\d_]{2,} [^\W\d_]{2,} ", text)]
    return [word for word in (*words, *inside) if word not in NAMES]


@pytest.mark.parametrize("template", templates(), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_shows_no_word_that_is_not_translated(template: Path) -> None:
    assert bare_words(template.read_text()) == []


def test_a_bare_word_of_a_template_is_found() -> None:
    assert bare_words('<p class="a {{ b }}">Bonjour {{ name }}</p>') == ["Bonjour"]
    assert bare_words('<a title="Fermer" href="{{ url }}">{{ _("Fermer") }}</a>') == ["Fermer"]
    assert bare_words("{{ note('Ce champ est libre') }}{{ field('état') }}") == ["Ce champ est libre", "état"]


def untranslated(source: str) -> list[str]:
    """French literals of a module that are neither docstrings nor given to gettext."""
    tree = ast.parse(source)
    exempt = {
        id(constant)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for constant in ast.walk(node)
    }
    constants = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [n.value for n in constants if id(n) not in exempt and re.search(r"[à-ÿœ’«]", n.value, re.I)]


# Invented people speak it; the help against re-identification, the search and the quotes of notes read it.
KNOW_FRENCH = {"demo", "reidentification", "finding", "anchors.py"}


def modules() -> list[Path]:
    found = (path for room in ("supervision", "worker") for path in (ROOT / room).rglob("*.py"))
    return sorted(path for path in found if not KNOW_FRENCH & {*path.parts})


def test_no_module_shows_french_that_is_not_translated() -> None:
    found = {str(path.relative_to(ROOT)): untranslated(path.read_text()) for path in modules()}
    assert {name: [t for t in texts if t not in NAMES] for name, texts in found.items() if {*texts} - NAMES} == {}


# --- pages -----------------------------------------------------------------------------------------------------------


def walk(app: Flask, browser: FreshClient, language: str) -> Iterator[tuple[str, str]]:
    """One page of each address that a person reaches from home by links, and the one page where there is none."""
    doors, waiting, opened = app.url_map.bind(""), ["/", "/nulle-part"], set()
    while waiting:
        url = waiting.pop(0)
        rule = doors.match(url)[0] if url != "/nulle-part" else url
        if rule in opened:
            continue
        opened.add(rule)
        answer = browser.get(url, headers={"Accept-Language": language}, follow_redirects=True)
        if answer.mimetype == "text/html":
            yield url, answer.text
            waiting += re.findall(r'(?:href|action)="(/(?!static|situations/nouvelle)[^"#?]*)', links(answer.text))


def links(html: str) -> str:
    """A page without its forms, which change things."""
    return re.sub(r'<form\b[^>]*method="post".*?</form>', "", html, flags=re.DOTALL)


def other_words(language: str) -> set[str]:
    """Whole strings of the other language that this one does not have."""
    pairs = [
        pair
        for m in (message for message in refresh.read("en") if message.id)
        for pair in zip(forms(m.id), forms(m.string), strict=True)
    ]
    ours, theirs = ({fr for fr, _ in pairs}, {en for _, en in pairs}) if language == "fr" else _swapped(pairs)
    return theirs - ours


def _swapped(pairs: list[tuple[str, str]]) -> tuple[set[str], set[str]]:
    return {en for _, en in pairs}, {fr for fr, _ in pairs}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shows_a_string_of_the_other_language(
    app: Flask, cast: SimpleNamespace, as_: As, visitor: FreshClient, keyring: Keyring, now: datetime, language: str
) -> None:
    for person in vars(cast).values():
        person.language = language
    desk.draft(cast.ana, keyring, now)
    desk.bring(cast.ana, cast.sam, keyring, now)
    desk.respond(cast.sam, desk.bring(cast.ana, cast.sam, keyring, now), keyring, now)
    browsers = {"ana": as_(cast.ana), "sam": as_(cast.sam), "ada": as_(cast.ada), "nobody": visitor}
    pages = {(who, url): page for who, browser in browsers.items() for url, page in walk(app, browser, language)}
    foreign = other_words(language) - NAMES
    assert [(*at, text) for at, page in pages.items() for text in page_texts(page) if text in foreign] == []
    assert [at for at, page in pages.items() if f'<html lang="{language}">' not in page] == []
    assert {url.rpartition("/")[2] for _, url in pages} >= {"brouillon", "retour", "reglages", "journal", "signer"}
