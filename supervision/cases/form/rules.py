"""What a filled form lacks, how far it is, and what a definition must not do. Plain values only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from supervision.cases.form.definition import KINDS, WITH_OPTIONS, Field, Form, Section, Words, parse

NEXT_ON = "next_on"  # the only day of a form that cannot be past
AT = "_at"  # among the fields of a draft: the section at which its author was

# Other screens, mails and the law of who reads what rely on these: they are worded anew, never taken away.
FIXED = (
    "title",
    "supervisor",
    "visibility",
    "kind_of_group",
    "period",
    "account",
    "question_1",
    "pseudonyms",
    "frame_allows",
    "nobody_questioned",
)
# Names that a page of a form, or WTForms, has given to something else.
RESERVED = frozenset(
    {
        "action",
        "attempts",
        "at",
        "complain",
        "csrf_token",
        "data",
        "elements",
        "errors",
        "fields",
        "form_errors",
        "hidden_tag",
        "id",
        "is_refused",
        "is_submitted",
        "kept",
        "meta",
        "method",
        "name",
        "populate_obj",
        "process",
        "requestsubmit",
        "reset",
        "revision",
        "sections",
        "submit",
        "target",
        "texts",
        "then",
        "validate",
        "validate_on_submit",
        "values",
    }
)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OPTION_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class FormRefused(Exception):
    """A change of the form that the rules do not allow."""


class StaleForm(FormRefused):
    """Somebody else changed the form since this page was opened."""


class UnsoundForm(FormRefused):
    """The form has problems and is not published; `problems` names them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("the form has problems")
        self.problems = problems


# --- a filled form ----------------------------------------------------------------------------------------------------


def is_filled(field: Field, fields: Mapping[str, Any]) -> bool:
    """True if the field says something; a competence does once something is written about it."""
    if field.kind == "competence":
        return _is_touched(field.key, fields)
    return bool(fields.get(field.key))


def _is_touched(key: str, fields: Mapping[str, Any]) -> bool:
    return bool(fields.get(f"{key}_self") or fields.get(f"{key}_group"))


def touched(definition: Mapping[str, Any], fields: Mapping[str, Any]) -> list[str]:
    """The competences about which something is written, in the order of the form.

    Reads the definition as it is: a search asks this of a thousand cases.
    """
    return [
        field["key"]
        for section in definition["sections"]
        for field in section["fields"]
        if field["kind"] == "competence" and _is_touched(field["key"], fields)
    ]


def missing(definition: Mapping[str, Any], fields: Mapping[str, Any]) -> list[str]:
    """The fields without which a case is not submitted and which are empty, in the order of the form.

    Where a section asks for at least so many of a kind, these are as many of the empty ones as are lacking, those
    that the author has not marked as not addressed first.
    """
    return [key for section in parse(definition).asked for key in _missing_in(section, fields)]


def _missing_in(section: Section, fields: Mapping[str, Any]) -> list[str]:
    lacking = {field.key for field in section.asked if field.required and not is_filled(field, fields)}
    if section.at_least:
        of_kind = [field for field in section.asked if field.kind == section.at_least.kind]
        empty = [field.key for field in of_kind if not is_filled(field, fields)]
        count = min(section.at_least.count - (len(of_kind) - len(empty)), len(empty))
        lacking |= set(sorted(empty, key=lambda key: bool(fields.get(f"{key}_none")))[: max(0, count)])
    return [field.key for field in section.asked if field.key in lacking]


def past(definition: Mapping[str, Any], fields: Mapping[str, Any], today: date) -> list[str]:
    """The day on which the group meets again, where the form asks for it and it is behind us."""
    asked = {field.key for section in parse(definition).asked for field in section.asked if field.kind == "day"}
    given = fields.get(NEXT_ON) if NEXT_ON in asked else None
    return [NEXT_ON] if given and date.fromisoformat(str(given)) < today else []


@dataclass(frozen=True)
class Gauge:
    """How far a section is. `total` counts what must be there; 0 where all of it is optional."""

    key: str
    title: Words
    done: int
    total: int
    state: str  # untouched | partial | done


def gauge(definition: Mapping[str, Any], fields: Mapping[str, Any]) -> list[Gauge]:
    return [_gauge(section, fields) for section in parse(definition).asked]


def _gauge(section: Section, fields: Mapping[str, Any]) -> Gauge:
    required = [field for field in section.asked if field.required]
    done, total = sum(is_filled(field, fields) for field in required), len(required)
    if section.at_least:
        counted = [field for field in section.asked if field.kind == section.at_least.kind and not field.required]
        goal = min(section.at_least.count, len(counted))
        done, total = done + min(goal, sum(is_filled(field, fields) for field in counted)), total + goal
    begun = any(fields.get(key) for field in section.asked for key in field.keys)
    state = "done" if begun and done >= total else "partial" if begun else "untouched"
    return Gauge(section.key, section.title, done, total, state)


def first_incomplete(definition: Mapping[str, Any], fields: Mapping[str, Any]) -> str | None:
    """The section at which to go on; None where everything that must be there is."""
    return next((g.key for g in gauge(definition, fields) if g.done < g.total), None)


def left_at(definition: Mapping[str, Any], fields: Mapping[str, Any]) -> str | None:
    """The section at which the author was, or the first incomplete one; None for a page nobody has written on."""
    if not any(value for key, value in fields.items() if key not in {AT, "supervisor", "visibility"}):
        return None
    known = {section.key for section in parse(definition).asked}
    return fields[AT] if fields.get(AT) in known else first_incomplete(definition, fields)


# --- a definition -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """Why a definition is not published: `what` is one of the codes in `words.PROBLEMS`, `where` the key concerned."""

    what: str
    where: str


def problems(definition: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] = ()) -> list[Problem]:
    """Everything that keeps a definition from being published. `earlier` are the versions published so far."""
    form = parse(definition)
    found = [*_unusable_keys(form), *_reused_keys(form, earlier), *_absent(form)]
    for section in form.sections:
        if not (section.title.fr and section.title.en):
            found.append(Problem("no-words", section.key))
        found += [problem for field in section.fields for problem in _problems_of(field)]
        rule = section.at_least
        if rule and rule.count > sum(field.kind == rule.kind for field in section.asked):
            found.append(Problem("out-of-reach", section.key))
    return found


def _unusable_keys(form: Form) -> Iterator[Problem]:
    sections = [section.key for section in form.sections]
    values = [key for field in form.fields for key in {field.key, *field.keys}]
    for key, count in Counter([*sections, *values]).items():
        if count > 1:
            yield Problem("key-twice", key)
        if not _KEY.fullmatch(key) or key in RESERVED:
            yield Problem("key-unusable", key)


def _reused_keys(form: Form, earlier: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """A key means one thing for ever: what old cases hold under it is searched and compared by it."""
    meant = {field.key: field.kind for definition in earlier for field in parse(definition).fields}
    for field in form.fields:
        if meant.get(field.key, field.kind) != field.kind:
            yield Problem("key-reused", field.key)


def _absent(form: Form) -> Iterator[Problem]:
    asked = {field.key for section in form.asked for field in section.asked}
    yield from (Problem("fixed-removed", key) for key in FIXED if key not in asked)


def _problems_of(field: Field) -> Iterator[Problem]:
    if field.kind not in KINDS:
        yield Problem("kind-unknown", field.key)
    both = [field.label, *(option.label for option in field.options), *([field.options_label] if field.extra else [])]
    if not all(words.fr and words.en for words in both) or any(_is_half(words) for words in _optional_words(field)):
        yield Problem("no-words", field.key)
    if (field.kind in WITH_OPTIONS or field.extra) and sum(not option.retired for option in field.options) < 2:
        yield Problem("too-few-options", field.key)
    keys = [option.key for option in field.options]
    if len(set(keys)) < len(keys) or not all(_OPTION_KEY.fullmatch(key) for key in keys):
        yield Problem("option-keys", field.key)
    if field.key == "urgency" and not field.retired and not field.notice:
        yield Problem("no-emergency-sentence", field.key)


def _optional_words(field: Field) -> tuple[Words, ...]:
    return field.help, field.notice, field.help_self, field.help_group


def _is_half(words: Words) -> bool:
    """Said in one language only."""
    return bool(words.fr) != bool(words.en)


# --- two definitions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One difference: `what` is one of the codes in `words.CHANGES`."""

    what: str
    key: str
    label: Words


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What changes from one version of the form to the next, in the order of the new one."""
    before, after = parse(old), parse(new)
    was = {field.key: field for field in before.fields}
    order = [section.key for section in after.sections]
    moved = _moved(_places(before, order), _places(after, order))
    changes = _of_sections(before, after)
    for field in after.fields:
        what = _between(was[field.key], field) if field.key in was else ["added"]
        changes += [
            Change(each, field.key, field.label) for each in (*what, *(["moved"] if field.key in moved else []))
        ]
    now = {field.key for field in after.fields}
    return changes + [Change("removed", key, field.label) for key, field in was.items() if key not in now]


def _of_sections(before: Form, after: Form) -> list[Change]:
    was = {section.key: section for section in before.sections}
    moved = _moved([("", s.key) for s in before.sections], [("", s.key) for s in after.sections])
    changes = []
    for section in after.sections:
        old = was.get(section.key)
        what = ["added"] if old is None else []
        if old is not None and (old.title, old.help) != (section.title, section.help):
            what.append("reworded")
        if old is not None and old.at_least != section.at_least:
            what.append("at-least")
        what += ["moved"] if section.key in moved else []
        changes += [Change(each, section.key, section.title) for each in what]
    now = {section.key for section in after.sections}
    return changes + [Change("removed", key, section.title) for key, section in was.items() if key not in now]


def _places(form: Form, order: list[str]) -> list[tuple[str, str]]:
    """Fields with their sections, these in a given order: fields that move along with their section have not moved."""
    sections = sorted(form.sections, key=lambda section: order.index(section.key) if section.key in order else -1)
    return [(section.key, field.key) for section in sections for field in section.fields]


def _moved(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> set[str]:
    """Which keys of both stand elsewhere; where two have changed places, one of them has moved."""
    both = {key for _, key in before} & {key for _, key in after}
    old, new = [place for place in before if place[1] in both], [place for place in after if place[1] in both]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stayed = {place for block in blocks for place in new[block.b : block.b + block.size]}
    return {place[1] for place in new if place not in stayed}


def _between(old: Field, new: Field) -> Iterator[str]:
    if old.retired != new.retired:
        yield "retired" if new.retired else "brought-back"
    if old.required != new.required:
        yield "required" if new.required else "optional"
    if (old.label, old.options_label, *_optional_words(old)) != (new.label, new.options_label, *_optional_words(new)):
        yield "reworded"
    if old.options != new.options:
        yield "options"
