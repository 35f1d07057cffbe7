"""A written situation as it is read: filled fields only, in the words of its own form."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.form import editing
from supervision.cases.form.actions import default_definition
from supervision.cases.form.definition import parse
from supervision.cases.form.reading import Shown, differences, shown, text_keys
from supervision.crypto import Keyring
from supervision.db import db
from tests import desk
from tests.cases.form.test_page import as_text

DEFAULT = default_definition()
TEXTS = [part.key for part in parse(DEFAULT).parts() if part.kind in {"line", "prose"}]


def test_an_empty_form_shows_nothing() -> None:
    assert shown(DEFAULT, {}, "fr") == []


def test_values_are_shown_in_the_words_of_the_form_and_the_language_of_the_reader() -> None:
    fields = {
        "kind_of_group": "family",
        "period": "2026-03",
        "session_number": 2,
        "help_kind": ["ethics", "support"],
        "next_on": "2026-12-04",
        "pseudonyms": True,
    }
    values = [value for section in shown(DEFAULT, fields, "en") for field in section.fields for value in field.values]
    assert values == [
        Shown("kind_of_group", "Kind of group", "words", "Family"),
        Shown("period", "Period", "month", "2026-03"),
        Shown("session_number", "Number of the session", "words", 2),
        Shown("help_kind", "What would help me", "list", ["A question of ethics", "Being supported"]),
        Shown("next_on", "Next meeting with this group", "day", date(2026, 12, 4)),
        Shown("pseudonyms", "I have used pseudonyms only.", "agreed", True),
    ]


def test_a_competence_shows_its_sides_and_what_was_left_out_knowingly_is_named() -> None:
    fields = {
        "authority_scale": "between",
        "authority_self": "Moi.",
        "reality_none": True,
        "fears_none": True,
        "fears_group": "Le groupe.",
    }
    (section,) = shown(DEFAULT, fields, "fr")
    assert section.not_addressed == ("Réalité entière",)
    assert [(field.key, field.hue, [value.label for value in field.values]) for field in section.fields] == [
        ("fears", 2, ["Dans le groupe"]),
        ("authority", 4, ["À ce moment-là, j’étais", "Chez moi"]),
    ]


@given(st.dictionaries(st.sampled_from(TEXTS), st.text(min_size=1, max_size=20), min_size=1))
def test_every_word_that_was_written_is_shown_once_under_its_key(fields: dict[str, str]) -> None:
    values = [value for section in shown(DEFAULT, fields, "fr") for field in section.fields for value in field.values]
    assert {value.key: value.value for value in values} == {k: v for k, v in fields.items() if k != "title"}
    assert list(text_keys(DEFAULT)) == TEXTS


@given(st.dictionaries(st.sampled_from(TEXTS), st.sampled_from(["", "a", "b"])), st.data())
def test_differences_name_what_the_other_text_says_and_nothing_else(fields: dict[str, str], data: Any) -> None:
    assert differences(DEFAULT, fields, fields, "fr") == []
    key = data.draw(st.sampled_from(TEXTS))
    there = {**fields, key: "autre"}
    assert [(found.key, found.value) for found in differences(DEFAULT, there, fields, "fr")] == [(key, "autre")]


def test_a_field_that_was_retired_since_is_still_shown_where_it_was_written() -> None:
    form = editing.retired(DEFAULT, "effects", is_retired=True)
    assert [field.key for section in shown(form, {"effects": "Un effet."}, "fr") for field in section.fields] == [
        "effects"
    ]


def test_the_page_shows_the_situation_section_by_section(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now, next_on="2026-12-04", fears_none=True, authority_none=True)
    db.session.commit()
    page = as_(cast.sam).get(f"/situations/{case_id}").text
    assert as_text(page, "account") == "Le groupe arrive en retard.\nPersonne ne parle."
    assert as_text(page, "reality_self") == "Je regardais mes notes."
    for words in ("Équipe", "novembre 2026", "vendredi 4 décembre 2026", "Non abordé\u00a0: Autorité"):
        assert words in page
    for absent in ("Les effets observés", "Une deuxième question", "Numéro de la séance", str(cast.sam.id)):
        assert absent not in page
    sections = [page.index(f'id="lire-{key}"') for key in ("reperes", "cadre", "recit", "lecture", "demande")]
    assert sections == sorted(sections)
