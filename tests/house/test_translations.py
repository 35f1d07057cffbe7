"""The two languages: complete, alike in their placeholders, each with its own typography, and not mixed on a page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from babel.messages import Catalog, Message
from flask import Flask
from flask_babel import gettext, ngettext

from supervision import filters, i18n
from supervision.forms import Words
from supervision.people.models import Person
from tests.client import FreshClient
from tests.pages import page_texts
from translations import refresh
from translations.refresh import ROOT, forms

As = Callable[[Person], FreshClient]
LANGUAGES = tuple(refresh.PLURALS)
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def strings(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


@cache
def french() -> list[str]:
    return [text for message in strings(refresh.extracted()) for text in forms(message.id)]


def english() -> list[str]:
    return [text for message in strings(refresh.read("en")) for text in forms(message.string)]


# --- the catalogues --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_the_strings_of_code_and_templates(language: str) -> None:
    in_git = {message.id for message in strings(refresh.read(language))}
    in_use = {message.id for message in strings(refresh.extracted())}
    assert (in_use - in_git, in_git - in_use) == (set(), set()), "python3 run.py translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_refreshing_a_catalogue_that_is_in_line_changes_nothing(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, catalogue = refresh.file_of(language).read_text(), refresh.read(language)
    monkeypatch.setattr(refresh, "file_of", lambda language: tmp_path / "messages.po")
    refresh.write(language, catalogue)
    assert (tmp_path / "messages.po").read_text() == before


def test_a_new_string_waits_empty_and_a_string_that_is_gone_leaves() -> None:
    template = Catalog()
    for text in ("Se connecter", "Se connecter ici"):
        template.add(text)
    said = {message.id: (message.string or "", message.fuzzy) for message in strings(refresh.refreshed("en", template))}
    assert said == {"Se connecter": ("Sign in", False), "Se connecter ici": ("", False)}


def test_every_string_has_its_english_and_nothing_is_guessed() -> None:
    catalogue = refresh.read("en")
    assert [m.id for m in strings(catalogue) if m.fuzzy or not refresh.is_complete(m, "en")] == []
    assert dict(catalogue.obsolete) == {}


def test_french_stands_for_itself() -> None:
    assert [m.id for m in strings(refresh.read("fr")) if m.fuzzy or m.string != refresh.itself(m)] == []


def test_a_translation_keeps_the_placeholders_of_its_string() -> None:
    def differs(message: Message) -> bool:
        counts = {"%(num)s"} if message.pluralizable else set()  # « un champ » needs no number
        used = [{*PLACEHOLDER.findall(text), *counts} for text in (*forms(message.id), *forms(message.string))]
        return any(other != used[0] for other in used)

    assert [message.id for message in strings(refresh.read("en")) if differs(message)] == []


def test_no_string_holds_markup_or_a_stray_percent_sign() -> None:
    # Jinja trusts what gettext returns, and formats it.
    stray = re.compile(r"[<>&]|%(?!\(\w+\)s)")
    assert [text for text in (*french(), *english()) if stray.search(text)] == []


def test_a_catalogue_names_no_person_no_address_and_no_day() -> None:
    for language in LANGUAGES:
        head, _, _ = refresh.file_of(language).read_text().partition("\n\n")
        assert re.findall(r"@|\d{4}|https?:|Translator|Revision", head) == []


# --- what gettext makes of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_application_says_what_the_catalogue_says(app: Flask, language: str) -> None:
    singulars = [m for m in strings(refresh.read(language)) if isinstance(m.id, str)]
    with i18n.speaking(language, "Europe/Paris"):
        assert [gettext(m.id) for m in singulars] == [m.string or m.id for m in singulars], "python3 run.py translate"


@pytest.mark.parametrize(("language", "form_of"), [("fr", {0: 0, 1: 0, 2: 1}), ("en", {0: 1, 1: 0, 2: 1})])
def test_nought_is_singular_in_french_and_plural_in_english(app: Flask, language: str, form_of: dict[int, int]) -> None:
    plurals = [m for m in strings(refresh.read(language)) if isinstance(m.id, tuple)]
    others = {"excess": "some", "limit": "many"}
    with i18n.speaking(language, "Europe/Paris"):
        said = [ngettext(*m.id, number, **others) for m in plurals for number in form_of]
    assert said == [m.string[form_of[number]] % {"num": number, **others} for m in plurals for number in form_of]
    assert len(plurals) > 5


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("fr", "Un champ est à reprendre", "2 champs sont à reprendre"),
        ("en", "One field needs another look", "2 fields need another look"),
    ],
)
def test_a_refused_form_counts_its_fields_in_words(visitor: FreshClient, language: str, one: str, two: str) -> None:
    def heading(**filled: str) -> str:
        page = visitor.post("/connexion", data=filled, headers={"Accept-Language": language})
        return str(page_texts(page.text)[page_texts(page.text).index(one if filled else two)])

    assert (heading(email="ana@rives.example"), heading()) == (one, two)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ("jeudi 1er janvier 2026", "1er janv. 2026", "jeudi 26 novembre 2026, 18:05", "18:05", "1er août 2026")),
        ("en", ("Thursday 1 January 2026", "1 Jan 2026", "Thursday 26 November 2026, 18:05", "18:05", "1 Aug 2026")),
    ],
)
def test_dates_are_in_the_words_of_the_reader(app: Flask, language: str, expected: tuple[str, ...]) -> None:
    instant, new_year = datetime(2026, 11, 26, 17, 5, 59, tzinfo=UTC), date(2026, 1, 1)
    with i18n.speaking(language, "Europe/Paris"):
        said = (
            filters.day(new_year),
            filters.short_day(new_year),
            filters.moment(instant),
            filters.clock_time(instant),
            filters.short_day(datetime(2026, 7, 31, 22, 30, tzinfo=UTC)),
        )
    assert said == expected


# --- what WTForms says -----------------------------------------------------------------------------------------------


def errors(html: str) -> list[str]:
    """What the page says beside its fields."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    beside = (element for element in tree.iter() if element.get("class") == "field-error")
    return [text.strip() for element in beside for text in element.itertext() if text.strip()]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Ce champ est obligatoire.", "Choisissez parmi ce qui est proposé.", "Entre 1 et 60 jours."]),
        ("en", ["This field is required.", "Choose one of the options given.", "Between 1 and 60 days."]),
    ],
)
def test_a_refused_form_speaks_the_language_of_the_reader(
    cast: SimpleNamespace, as_: As, language: str, expected: list[str]
) -> None:
    cast.ada.language = language
    sent = {"name": "", "contact_email": "bureau@rives.example", "zone": "Lune/Mer", "feedback_target_days": "90"}
    sent |= {"retention_months": "24", "attachment_max_count": "5", "attachment_max_mb": "10"}
    assert errors(as_(cast.ada).post("/reglages", data=sent).text) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Donnez une date, sous la forme AAAA-MM-JJ."]),
        ("en", ["Give a date, in the form YYYY-MM-DD."]),
    ],
)
def test_a_date_that_is_none_is_refused_in_the_language_of_the_reader(
    cast: SimpleNamespace, as_: As, language: str, expected: list[str]
) -> None:
    cast.ines.language = language
    people = {"supervisee": str(cast.zoe.id), "supervisor": str(cast.sam.id)}
    page = as_(cast.ines).post("/contrats/proposer", data={**people, "starts_on": "demain"})
    assert errors(page.text) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", "Le nombre doit être au minimum 3."), ("en", "Number must be at least 3.")],
)
def test_wtforms_own_sentences_are_translated_too(app: Flask, language: str, expected: str) -> None:
    sentence = "Number must be at least %(min)s."
    with app.test_request_context(), i18n.speaking(language, "Europe/Paris"):
        assert Words().gettext(sentence) % {"min": 3} == expected


# --- typography ------------------------------------------------------------------------------------------------------

FRENCH_RULES = {
    "U+202F before ; ? and »": r"(?<!\u202f)[;?»]",
    "U+202F after «": r"«(?!\u202f)",
    "U+00A0 or U+202F before :": r"(?<![\u00a0\u202f\d]):|(?<=\d):(?!\d)",
    "’ and « », not ' and \"": r"['\"“”‘]",
    "no exclamation mark": "!",
    "œ": r"(?i)(c|s|b|v|man)oe(u|l)|noeud|\boe[iu]",
    "…, not three points": r"\.\.",
    "– or -, not —": "—",
    "accents on capitals": r"\b(A|Etat|Ecri\w*|Etes|Echéance|Evénement|Edit\w*)\b(?! \d)",
    "no second blank, none at an end": r"\s{2}|^\s|\s$",
    "a blank after a comma and a point": r"[,;][^\s\d]|\.[A-ZÀÉÈ]",
    "courriel": r"(?i)\b(e-?)?mails?\b",
    "situation; never a protected title": r"(?i)\bcas\b(?! de)|psychothérap|secret professionnel",
}
ENGLISH_RULES = {
    "‘ ’, not straight, double or French ones": r"['\"“”«»]",
    "no exclamation mark": "!",
    "no blank before punctuation": r"\s[;:?,.]|[\u00a0\u202f]",
    "…, not three points": r"\.\.",
    "no second blank, none at an end": r"\s{2}|^\s|\s$",
    "British spelling": r"(?i)\w(?<!pr)(?<!s)iz(e|ing|ation)\b|\b(color|center|behavior|favor\w*|enrol)\b",
    "e-mail": r"(?i)\bemails?\b",
    "situation, sign in, ethics": r"(?i)\bcase\b(?! of)|\blog(ged)?[ -]?(in|out)\b|deontolog",
}
# Words of one language that the other does not have: none may stray into a sentence of the other.
ONLY_ENGLISH = re.compile(r"(?i)\b(the|of|to|your?|is|are|and|with|was|by|from|this|that|it|not|has|have|can)\b")
ONLY_FRENCH = re.compile(
    r"(?i)\b(les?|la|des|du|une?|et|est|sont|vous|nous|votre|vos|pour|avec|dans|qui|que|ne|aux?)\b"
)


def breaches(text: str, rules: dict[str, str]) -> list[str]:
    return [rule for rule, pattern in rules.items() if re.search(pattern, PLACEHOLDER.sub("Ana", text))]


def samples_of_french() -> Iterator[str]:
    """The texts that come with the platform and are French: the sample code and the demo's situations."""
    code = tomllib.loads((ROOT / "supervision/deontology/sample_code.toml").read_text())
    situations = tomllib.loads((ROOT / "supervision/demo/situations.toml").read_text())["situation"]
    for table in (code, *code["article"]):
        yield from (text for key, text in table.items() if key.endswith("_fr"))
    for situation in situations:
        for part in (situation, situation.get("feedback", {}), situation.get("answer", {})):
            yield from (text for text in part.values() if isinstance(text, str) and " " in text)


@pytest.mark.parametrize("rule", FRENCH_RULES)
def test_french_strings_keep_the_typography_of_french(rule: str) -> None:
    assert [text for text in french() if breaches(text, {rule: FRENCH_RULES[rule]})] == []


@pytest.mark.parametrize("rule", ENGLISH_RULES)
def test_english_strings_keep_the_typography_of_english(rule: str) -> None:
    assert [text for text in english() if breaches(text, {rule: ENGLISH_RULES[rule]})] == []


def test_the_french_texts_that_come_with_the_platform_are_set_with_the_same_care() -> None:
    spaces = {rule: pattern for rule, pattern in FRENCH_RULES.items() if "U+" in rule or rule == "œ"}
    assert [(text[:60], found) for text in samples_of_french() if (found := breaches(text, spaces))] == []


def test_the_rules_find_what_they_are_for() -> None:
    assert breaches("Ton e-mail : l'oeil! A demain ; « oui »...  ", FRENCH_RULES) == [
        "U+202F before ; ? and »",
        "U+202F after «",
        "U+00A0 or U+202F before :",
        "’ and « », not ' and \"",
        "no exclamation mark",
        "œ",
        "…, not three points",
        "accents on capitals",
        "no second blank, none at an end",
        "courriel",
    ]
    assert breaches("À 18:05 : « un nœud »\u202f? l’État".replace(" :", "\u00a0:"), FRENCH_RULES) == [
        "U+202F before ; ? and »",
        "U+202F after «",
    ]


def test_no_sentence_mixes_the_languages() -> None:
    assert [text for text in french() if ONLY_ENGLISH.search(PLACEHOLDER.sub(" ", text))] == []
    assert [text for text in english() if ONLY_FRENCH.search(PLACEHOLDER.sub(" ", text))] == []


def test_no_english_plural_is_the_french_one() -> None:
    plurals = [message for message in strings(refresh.read("en")) if not isinstance(message.id, str)]
    assert plurals
    assert [message.id for message in plurals if forms(message.id) == forms(message.string)] == []
