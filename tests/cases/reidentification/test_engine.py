"""What is shown, what is left alone, and how a decision is remembered."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from supervision import demo
from supervision.cases.reidentification import words
from supervision.cases.reidentification.engine import FINDERS, NOTHING, declared_pseudonyms, examine, examine_form
from supervision.cases.reidentification.passages import KINDS, Passage, identity
from supervision.cases.reidentification.vocabulary import ORGANISATIONS

SECRET = b"one case's own"
Found = list[tuple[str, str]]
Names = frozenset[str]


def shown(text: str, language: str = "fr", *, pseudonyms: Names = NOTHING, known: Names = NOTHING) -> Found:
    passages = examine(text, language, pseudonyms=pseudonyms, known=known)
    return [(p.kind, text[p.start : p.end]) for p in passages]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’équipe du CMP de la rue Monge, à Lyon, rit.", [("address", "rue Monge"), ("town", "Lyon")]),
        ("Elle vient du Mans, eux de la Ciotat.", [("town", "Mans"), ("town", "Ciotat")]),
        ("Nice ambiance. À Nice, on rit.", [("town", "Nice")]),
        ("Il a le sens du collectif. Sens et non-sens.", []),
        ("J’ai reçu un SMS de Jérôme.", [("name", "Jérôme")]),
        ("Il y avait Vasseur. Vasseur a ri.", [("name", "Vasseur"), ("name", "Vasseur")]),
        ("Vasseur a ri.", []),  # a limit: a capital that opens a sentence says nothing
        ("Le directeur a ri. Selon le Directeur, tout va bien.", []),
        ("Mme D. et Madame la Directrice ont ri, Mme X aussi.", [("titled", "Mme D")]),
        ("Mme L’Hostis a ri.", [("titled", "Mme L’Hostis")]),
        ("Au 12 rue de la gare, rien.", [("address", "12 rue de la gare")]),
        ("La place de Karim et celle du Directeur.", [("name", "Karim")]),
        ("Le collège de Roubaix, l’école de Karim.", [("town", "Roubaix"), ("name", "Karim")]),
        ("L’association « Pas à Pas » a ri.", [("organisation", "association « Pas à Pas »")]),
        ("Rendez-vous lundi 22, ou lundi 22 h.", [("date", "lundi 22")]),
        ("Le 3/6, pas la séance 3/6.", [("date", "3/6")]),
        ("IBAN FR76 3000 4000 0312 3456 7890 143", []),
        ("Le dossier 0123456789123.", []),
        ("ON NE NOUS ÉCOUTE JAMAIS", []),
        ("", []),
    ],
)
def test_a_french_passage_is_shown_or_left_alone(text: str, expected: Found) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "St. John’s Church closed on the 3rd of May.",
            [("organisation", "St. John’s Church"), ("date", "3rd of May")],
        ),
        ("So did I. Then we may march in May.", []),
        ("In October, the mayor of Lyon left.", [("combination", "In October, the mayor of Lyon"), ("town", "Lyon")]),
    ],
)
def test_an_english_passage_is_shown_or_left_alone(text: str, expected: Found) -> None:
    assert shown(text, "en") == expected


# --- combinations ----------------------------------------------------------------------------------------------------

TOGETHER = "la directrice de la crèche du quartier des Fleurs, en mars"


def combined(text: str, known: Names = NOTHING) -> list[str]:
    return [found for kind, found in shown(text, known=known) if kind == "combination"]


def test_a_role_a_place_and_a_month_together_are_shown() -> None:
    assert combined(f"J’ai vu {TOGETHER}.") == [TOGETHER]


@pytest.mark.parametrize(
    "text",
    [
        "J’ai vu la directrice de la crèche, en mars.",
        "J’ai vu la directrice de la crèche du quartier des Fleurs.",
        "Une crèche du quartier des Fleurs a fermé en mars.",
        "J’ai vu une directrice du quartier des Fleurs, en mars.",  # one among several
        "J’ai vu la directrice. Elle riait. Le quartier des Fleurs dormait. Nous étions en mars.",
    ],
)
def test_two_of_the_three_or_three_far_apart_are_not_a_combination(text: str) -> None:
    assert combined(text) == []


def test_what_the_reader_knows_already_completes_a_combination() -> None:
    text = "J’ai vu le maire de Vierzon."
    assert (combined(text), combined(text, known=frozenset({"date"}))) == ([], ["le maire de Vierzon"])


def test_the_period_and_the_title_of_a_form_count_in_its_other_fields() -> None:
    fields = {"title": "Une équipe à Vierzon", "period": "mars 2026", "account": "Le maire a ri.", "effects": "Rien."}
    found = examine_form(fields, "fr", setting=frozenset({"title", "period"}))
    assert {name: [(p.kind, fields[name][p.start : p.end]) for p in passages] for name, passages in found.items()} == {
        "title": [("town", "Vierzon")],
        "account": [("combination", "Le maire")],
    }


# --- pseudonyms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Une infirmière, que j’appelle Odile, a ri. J’ai revu Odile.",
        "Un homme (je l’appellerai « Odile ») a ri. J’ai revu Odile.",
        "Odile (prénom modifié) a ri. J’ai revu Odile.",
        "Les prénoms Odile et Rose sont inventés. J’ai revu Odile et Mme Rose.",
        "Prénoms inventés : Odile, Rose. J’ai revu Odile.",
    ],
)
def test_a_name_that_the_text_declares_invented_is_left_alone(text: str) -> None:
    assert shown(text) == []


def test_a_name_that_the_author_marked_is_left_alone_and_no_other() -> None:
    text = "J’ai revu Odile et Jean-Luc avec Karim."
    assert shown(text, pseudonyms=frozenset({"odile", "Jean-Luc"})) == [("name", "Karim")]


def test_a_name_declared_in_one_field_is_invented_in_all() -> None:
    fields = {"account": "Une femme, que j’appelle Odile.", "moment": "J’ai regardé Odile."}
    assert declared_pseudonyms(fields.values(), "fr") == frozenset({"odile"})
    assert examine_form(fields, "fr") == {}


# --- decisions -------------------------------------------------------------------------------------------------------


def decision(text: str, secret: bytes = SECRET) -> str:
    (passage,) = examine(text, "fr")
    return identity(passage, text, case_secret=secret)


def test_a_decision_holds_for_the_same_words_elsewhere_in_the_text() -> None:
    assert decision("Il appelle le 06 12 34 56 78.") == decision("Depuis hier, le 06.12.34.56.78 ne répond plus.")
    assert decision("À VÉNISSIEUX, on rit.") == decision("On rit à Vénissieux.")


def test_a_decision_tells_nothing_and_holds_for_one_case_only() -> None:
    ours, theirs = decision("On rit à Vénissieux."), decision("On rit à Vénissieux.", b"another case's own")
    assert (len(ours), ours == theirs, ours == decision("On rit à Roubaix.")) == (64, False, False)


def test_half_a_character_can_be_decided_upon() -> None:
    passage = Passage(0, 2, "name", "name")
    assert len(identity(passage, "\ud800A", case_secret=SECRET)) == 64


# --- the whole -------------------------------------------------------------------------------------------------------


def test_every_kind_has_a_name_and_a_suggestion() -> None:
    families = {*ORGANISATIONS} - {"suffixes", "english_tails"}
    others = {"acronym", "quarter", "region", "combination-known", "organisation"}
    assert {*words.KINDS} == {*KINDS}
    assert {*words.SUGGESTIONS} == ({*KINDS} - {"place"}) | families | others
    assert len(FINDERS) == len(KINDS) - 1


def test_the_situations_of_the_demo_are_left_alone() -> None:
    file = Path(demo.__file__).with_name("situations.toml")
    situations = tomllib.loads(file.read_text(encoding="utf-8"))["situation"]
    prose = ("title", "account", "critical_moment", "what_i_did", "protection")
    forms = [{name: situation[name] for name in prose} for situation in situations]
    assert [examine_form(form, "fr", setting=frozenset({"title"})) for form in forms] == [{}] * len(forms)
