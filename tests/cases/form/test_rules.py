"""The form as plain values: what a filled one lacks, how far it is, what a definition must not do."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.form import editing
from supervision.cases.form.actions import default_definition
from supervision.cases.form.definition import parse
from supervision.cases.form.rules import (
    FIXED,
    Change,
    Problem,
    compare,
    first_incomplete,
    gauge,
    left_at,
    missing,
    problems,
    touched,
)

DEFAULT = default_definition()
COMPETENCES = ["reality", "fears", "defences", "authority", "ambivalence", "imperfection"]
REQUIRED = [field.key for field in parse(DEFAULT).fields if field.required]
KEYS = [part.key for part in parse(DEFAULT).parts()]
WORDS = {"fr": "Des mots", "en": "Words"}


def filled(**changes: Any) -> dict[str, Any]:
    """A form in which everything that must be there is."""
    two = {"reality_self": "Vu.", "fears_group": "Peur."}
    return {**dict.fromkeys(REQUIRED, "x"), **two, **changes}


def field(key: str = "q_new", **changes: Any) -> dict[str, Any]:
    return {"key": key, "kind": "prose", "label": WORDS, "help": {}, "required": False, "retired": False, **changes}


def section(key: str, *fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"key": key, "title": WORDS, "help": {}, "fields": list(fields), **changes}


filling = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["", "x", None, False, True, []]))


# --- a filled form ----------------------------------------------------------------------------------------------------


def test_a_filled_form_lacks_nothing() -> None:
    assert missing(DEFAULT, filled()) == []


@pytest.mark.parametrize("key", REQUIRED)
@pytest.mark.parametrize("empty", ["", None, False, []])
def test_a_required_field_that_is_empty_is_missing(key: str, empty: Any) -> None:
    assert missing(DEFAULT, filled(**{key: empty})) == [key]


@pytest.mark.parametrize(
    ("seen", "lacking"),
    [
        ({}, ["reality", "fears"]),
        ({"authority_self": "x"}, ["reality"]),
        ({"reality_self": "x", "reality_group": "x"}, ["fears"]),  # one competence seen from two sides is one
        ({"reality_self": "x", "imperfection_group": "x"}, []),
        ({"authority_scale": "between", "defences_marks": ["irony"]}, ["reality", "fears"]),  # a tick is no reading
        ({"reality_none": True}, ["fears", "defences"]),  # whoever said « non abordé » is asked for others first
        (dict.fromkeys([f"{key}_none" for key in COMPETENCES], True), ["reality", "fears"]),
    ],
)
def test_two_competences_are_asked_for_and_the_first_empty_ones_named(seen: dict[str, Any], lacking: list[str]) -> None:
    assert missing(DEFAULT, {**dict.fromkeys(REQUIRED, "x"), **seen}) == lacking


@given(filling)
def test_what_is_missing_stands_in_the_order_of_the_form_and_is_empty(fields: dict[str, Any]) -> None:
    order = [field.key for field in parse(DEFAULT).fields]
    lacking = missing(DEFAULT, fields)
    assert lacking == sorted(lacking, key=order.index)
    assert not set(lacking) & set(touched(DEFAULT, fields))


@given(filling, st.sampled_from(KEYS))
def test_writing_more_never_makes_more_missing(fields: dict[str, Any], key: str) -> None:
    more = fields if key.endswith("_none") else {**fields, key: "x"}
    assert len(missing(DEFAULT, more)) <= len(missing(DEFAULT, fields))


@given(filling)
def test_nothing_is_missing_where_every_gauge_is_full(fields: dict[str, Any]) -> None:
    full = all(each.done >= each.total for each in gauge(DEFAULT, fields))
    assert full is (missing(DEFAULT, fields) == [])
    assert full is (first_incomplete(DEFAULT, fields) is None)


def test_a_retired_field_is_never_missing_and_its_section_may_disappear() -> None:
    form = {"sections": [section("a", field(required=True, retired=True)), section("b", field("q_b", required=True))]}
    assert (missing(form, {}), [each.key for each in gauge(form, {})]) == (["q_b"], ["b"])


def test_the_gauge_tells_untouched_partial_and_done() -> None:
    def of(**fields: Any) -> dict[str, tuple[int, int, str]]:
        return {each.key: (each.done, each.total, each.state) for each in gauge(DEFAULT, fields)}

    assert of()["lecture"] == (0, 2, "untouched")
    assert of(fears_none=True)["lecture"] == (0, 2, "partial")
    assert of(fears_self="x")["lecture"] == (1, 2, "partial")
    assert of(fears_self="x", reality_self="x", authority_self="x")["lecture"] == (2, 2, "done")
    assert of(question_2="x")["demande"] == (0, 1, "partial")
    assert {name: each[:2] for name, each in of(**filled()).items()} == {
        "reperes": (7, 7),
        "cadre": (4, 4),
        "recit": (3, 3),
        "lecture": (2, 2),
        "demande": (1, 1),
        "garanties": (4, 4),
    }


def test_a_section_without_obligation_is_done_once_something_is_there() -> None:
    form = {"sections": [section("a", field())]}
    assert [each.state for each in (*gauge(form, {}), *gauge(form, {"q_new": "x"}))] == ["untouched", "done"]


@given(filling)
def test_the_touched_competences_are_those_with_a_word_about_them(fields: dict[str, Any]) -> None:
    assert touched(DEFAULT, fields) == [
        key for key in COMPETENCES if fields.get(f"{key}_self") or fields.get(f"{key}_group")
    ]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, None),
        ({"supervisor": "x", "visibility": "supervisor", "_at": "reperes"}, None),  # what the page itself chose
        ({"account": "x"}, "reperes"),
        ({"account": "x", "_at": "recit"}, "recit"),
        ({"account": "x", "_at": "nowhere"}, "reperes"),
        (filled(), None),
        (filled(_at="demande"), "demande"),
        (filled(request=""), "cadre"),
    ],
)
def test_a_page_knows_where_its_author_was(fields: dict[str, Any], where: str | None) -> None:
    assert left_at(DEFAULT, fields) == where


# --- a definition -----------------------------------------------------------------------------------------------------


def test_the_form_that_prisme_comes_with_has_no_problem() -> None:
    assert problems(DEFAULT) == []


def test_it_has_the_six_sections_the_six_competences_and_their_two_sides() -> None:
    form = parse(DEFAULT)
    assert [each.key for each in form.sections] == ["reperes", "cadre", "recit", "lecture", "demande", "garanties"]
    assert [each.key for each in form.fields if each.kind == "competence"] == COMPETENCES
    keys = {part.key for part in form.parts()}
    assert {f"{key}_{side}" for key in COMPETENCES for side in ("self", "group", "none")} <= keys
    assert {"authority_scale", "defences_marks"} <= keys
    assert len(next(part for part in form.parts() if part.key == "authority_scale").options) == 5


@pytest.mark.parametrize("key", FIXED)
def test_what_other_screens_rely_on_cannot_be_retired(key: str) -> None:
    gone = editing.with_changes(DEFAULT, key, {"retired": True})
    assert problems(gone) == [Problem("fixed-removed", key)]
    with pytest.raises(editing.FixedField):
        editing.retired(DEFAULT, key, is_retired=True)


CHOICE = {"kind": "choice", "options": [{"key": "a", "label": WORDS}, {"key": "b", "label": WORDS}]}


@pytest.mark.parametrize(
    ("added", "found"),
    [
        (field(), []),
        (field(kind="drawing"), [Problem("kind-unknown", "q_new")]),
        (field("account"), [Problem("key-twice", "account")]),
        (field("reality_self"), [Problem("key-twice", "reality_self")]),  # a value of the competence
        (field("recit"), [Problem("key-twice", "recit")]),  # a section's
        (field("data"), [Problem("key-unusable", "data")]),
        (field("Étape"), [Problem("key-unusable", "Étape")]),
        (field(label={"fr": "Seul"}), [Problem("no-words", "q_new")]),
        (field(label={"fr": "", "en": "Alone"}), [Problem("no-words", "q_new")]),
        (field(help={"fr": "Une aide", "en": ""}), [Problem("no-words", "q_new")]),
        (field(**CHOICE), []),
        (field(kind="choice"), [Problem("too-few-options", "q_new")]),
        (field(kind="choices", options=[{"key": "a", "label": WORDS}]), [Problem("too-few-options", "q_new")]),
        (
            field(**{**CHOICE, "options": [{**each, "retired": True} for each in CHOICE["options"]]}),  # type: ignore[arg-type]
            [Problem("too-few-options", "q_new")],
        ),
        (field(**{**CHOICE, "options": [CHOICE["options"][0]] * 2}), [Problem("option-keys", "q_new")]),  # type: ignore[index]
        (
            field(kind="choice", options=[{"key": "a", "label": WORDS}, {"key": "b", "label": {"fr": "Seul"}}]),
            [Problem("no-words", "q_new")],
        ),
    ],
)
def test_a_field_that_would_break_something_is_named(added: dict[str, Any], found: list[Problem]) -> None:
    assert problems(editing.with_field(DEFAULT, "cadre", added)) == found


def test_a_key_keeps_the_meaning_it_had_in_earlier_versions() -> None:
    earlier = editing.with_field(DEFAULT, "cadre", field("q_place", kind="line"))
    again = editing.with_field(DEFAULT, "recit", field("q_place", kind="prose"))
    assert problems(again) == []
    assert problems(again, [DEFAULT, earlier]) == [Problem("key-reused", "q_place")]


def test_a_section_asks_for_no_more_than_it_has_and_has_a_name() -> None:
    asks = {"at_least": {"kind": "competence", "count": 7}}
    assert problems(editing.with_section_changes(DEFAULT, "lecture", asks)) == [Problem("out-of-reach", "lecture")]
    nameless = editing.with_section_changes(DEFAULT, "recit", {"title": {"fr": "Récit", "en": ""}})
    assert problems(nameless) == [Problem("no-words", "recit")]


def test_whoever_asks_about_urgency_says_that_this_is_no_emergency_channel() -> None:
    silent = editing.with_changes(DEFAULT, "urgency", {"notice": {"fr": "", "en": ""}})
    assert problems(silent) == [Problem("no-emergency-sentence", "urgency")]
    assert problems(editing.retired(silent, "urgency", is_retired=True)) == []


# --- changing one -----------------------------------------------------------------------------------------------------


def keys_of(definition: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(each["key"], [field["key"] for field in each["fields"]]) for each in definition["sections"]]


TWO = {"sections": [section("a", field("x"), field("y")), section("b", field("z"))]}


@pytest.mark.parametrize(
    ("key", "step", "expected"),
    [
        ("y", -1, [("a", ["y", "x"]), ("b", ["z"])]),
        ("x", 1, [("a", ["y", "x"]), ("b", ["z"])]),
        ("y", 1, [("a", ["x"]), ("b", ["y", "z"])]),  # over the edge into the next section
        ("z", -1, [("a", ["x", "y", "z"]), ("b", [])]),
        ("x", -1, [("a", ["x", "y"]), ("b", ["z"])]),  # nowhere to go
        ("z", 1, [("a", ["x", "y"]), ("b", ["z"])]),
    ],
)
def test_a_field_moves_one_place_and_from_the_edge_into_the_next_section(
    key: str, step: int, expected: list[tuple[str, list[str]]]
) -> None:
    assert keys_of(editing.moved_field(TWO, key, step)) == expected
    assert keys_of(TWO) == [("a", ["x", "y"]), ("b", ["z"])]


def test_a_section_moves_with_its_fields() -> None:
    assert keys_of(editing.moved_section(TWO, "b", -1)) == [("b", ["z"]), ("a", ["x", "y"])]
    assert editing.moved_section(TWO, "a", -1) == TWO


moves = st.lists(st.tuples(st.sampled_from([f.key for f in parse(DEFAULT).fields]), st.sampled_from([-1, 1])))


@given(moves)
def test_moving_fields_about_loses_none_and_harms_nothing(steps: list[tuple[str, int]]) -> None:
    form = deepcopy(DEFAULT)
    for key, step in steps:
        form = editing.moved_field(form, key, step)
    assert editing.keys_in(form) == editing.keys_in(DEFAULT)
    harmless = {problem.what for problem in problems(form)}
    assert harmless <= {"out-of-reach"}  # competences moved out of the section that counts them
    assert {change.what for change in compare(DEFAULT, form)} <= {"moved"}


@given(st.lists(st.text(max_size=60), max_size=30))
def test_new_keys_are_usable_and_never_taken(words: list[str]) -> None:
    form: dict[str, Any] = {"sections": [section("a")]}
    for text in words:
        form = editing.with_field(form, "a", field(editing.new_key(text, editing.keys_in(form))))
    assert [each for each in problems(form) if each.what.startswith("key")] == []


def test_what_does_not_exist_is_not_changed() -> None:
    for change in (
        lambda: editing.retired(DEFAULT, "nothing", is_retired=True),
        lambda: editing.with_field(DEFAULT, "nowhere", field()),
        lambda: editing.moved_section(DEFAULT, "nowhere", 1),
        lambda: editing.moved_field(DEFAULT, "nothing", 1),
    ):
        with pytest.raises(editing.UnknownKey):
            change()


def test_a_form_has_an_end() -> None:
    form = TWO
    for number in range(editing.MOST_FIELDS - 3):
        form = editing.with_field(form, "a", field(f"q_{number}"))
    with pytest.raises(editing.FullForm):
        editing.with_field(form, "b", field())


# --- two definitions --------------------------------------------------------------------------------------------------


def test_nothing_changes_from_a_form_to_itself() -> None:
    assert compare(DEFAULT, deepcopy(DEFAULT)) == []


@pytest.mark.parametrize(
    ("change", "what", "key"),
    [
        (lambda form: editing.with_field(form, "cadre", field()), "added", "q_new"),
        (lambda form: editing.retired(form, "effects", is_retired=True), "retired", "effects"),
        (lambda form: editing.with_changes(form, "effects", {"required": True}), "required", "effects"),
        (lambda form: editing.with_changes(form, "effects", {"label": WORDS}), "reworded", "effects"),
        (lambda form: editing.with_changes(form, "defences", {"help_self": WORDS}), "reworded", "defences"),
        (lambda form: editing.with_changes(form, "step", {"options": CHOICE["options"]}), "options", "step"),
        (lambda form: editing.moved_field(form, "audience", -1), "moved", "audience"),
        (lambda form: editing.with_section(form, {"key": "z", "title": WORDS, "help": {}}), "added", "z"),
        (lambda form: editing.with_section_changes(form, "cadre", {"help": WORDS}), "reworded", "cadre"),
        (
            lambda form: editing.with_section_changes(
                form, "lecture", {"at_least": {"kind": "competence", "count": 3}}
            ),
            "at-least",
            "lecture",
        ),
    ],
)
def test_a_change_is_named_once(change: Any, what: str, key: str) -> None:
    there = compare(DEFAULT, change(DEFAULT))
    assert [(each.what, each.key) for each in there] == [(what, key)]
    opposite = {"added": "removed", "retired": "brought-back", "required": "optional"}
    back = [(each.what, each.key) for each in compare(change(DEFAULT), DEFAULT)]
    assert [what for what, _ in back] == [opposite.get(what, what)]


def test_changing_places_is_one_move() -> None:
    swapped = compare(TWO, editing.moved_field(TWO, "y", -1))
    assert [each.what for each in swapped] == ["moved"]
    assert compare(TWO, editing.moved_section(TWO, "b", -1)) == [Change("moved", "b", parse(TWO).sections[1].title)]


def test_the_default_form_speaks_of_each_thing_once_in_each_language() -> None:
    for language in ("fr", "en"):
        labels = [each.label.of(language) for each in parse(DEFAULT).fields]
        assert [second for first, second in pairwise(sorted(labels)) if first == second] == []
