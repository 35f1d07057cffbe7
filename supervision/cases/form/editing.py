"""Changing a definition: each of these takes one and returns another.

Nothing is ever taken out of a form, only retired: old cases are searched and compared by the keys they have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

from supervision.cases.form.rules import FIXED, FormRefused

ADDABLE = ("prose", "line", "choice", "choices", "number", "month", "day", "agree")
MOST_FIELDS, MOST_SECTIONS = 80, 15

Definition = dict[str, Any]


class UnknownKey(FormRefused):
    """There is no such field or section (any more)."""


class FixedField(FormRefused):
    """The field may be worded anew and moved, not retired."""


class FullForm(FormRefused):
    """A form of that size would not be filled in."""


def field_of(definition: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Raises:
    UnknownKey: there is no such field.
    """
    fields = (field for section in definition["sections"] for field in section["fields"])
    return _found(field for field in fields if field["key"] == key)


def section_of(definition: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Raises:
    UnknownKey: there is no such section.
    """
    return _found(section for section in definition["sections"] if section["key"] == key)


def _found(candidates: Any) -> dict[str, Any]:
    found: dict[str, Any] | None = next(candidates, None)
    if found is None:
        raise UnknownKey
    return found


def with_changes(definition: Mapping[str, Any], key: str, changes: Mapping[str, Any]) -> Definition:
    """Other words, options or rules for a field."""
    new = deepcopy(dict(definition))
    field_of(new, key).update(deepcopy(dict(changes)))
    return new


def with_section_changes(definition: Mapping[str, Any], key: str, changes: Mapping[str, Any]) -> Definition:
    new = deepcopy(dict(definition))
    section_of(new, key).update(deepcopy(dict(changes)))
    return new


def with_field(definition: Mapping[str, Any], section_key: str, field: Mapping[str, Any]) -> Definition:
    """A field at the end of a section."""
    new = deepcopy(dict(definition))
    if sum(len(section["fields"]) for section in new["sections"]) >= MOST_FIELDS:
        raise FullForm
    section_of(new, section_key)["fields"].append(deepcopy(dict(field)))
    return new


def with_section(definition: Mapping[str, Any], section: Mapping[str, Any]) -> Definition:
    """A section at the end."""
    new = deepcopy(dict(definition))
    if len(new["sections"]) >= MOST_SECTIONS:
        raise FullForm
    new["sections"].append({**deepcopy(dict(section)), "fields": []})
    return new


def retired(definition: Mapping[str, Any], key: str, *, is_retired: bool) -> Definition:
    """Ask a field no more, or again."""
    if is_retired and key in FIXED:
        raise FixedField
    return with_changes(definition, key, {"retired": is_retired})


def moved_field(definition: Mapping[str, Any], key: str, step: int) -> Definition:
    """One place up (-1) or down (1); from the edge of a section into the next one."""
    new = deepcopy(dict(definition))
    sections = new["sections"]
    field = field_of(new, key)
    at = next(number for number, section in enumerate(sections) if field in section["fields"])
    fields = sections[at]["fields"]
    place = fields.index(field)
    if 0 <= place + step < len(fields):
        fields.insert(place + step, fields.pop(place))
    elif 0 <= at + step < len(sections):
        fields.pop(place)
        neighbours = sections[at + step]["fields"]
        neighbours.insert(0 if step > 0 else len(neighbours), field)
    return new


def moved_section(definition: Mapping[str, Any], key: str, step: int) -> Definition:
    new = deepcopy(dict(definition))
    sections = new["sections"]
    place = sections.index(section_of(new, key))
    if 0 <= place + step < len(sections):
        sections.insert(place + step, sections.pop(place))
    return new


def new_key(words: str, taken: Collection[str]) -> str:
    """A key made of the words that a field or an option starts with, unlike any other there is or was."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = "q_" + (re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:24].strip("_") or "x")
    candidates = (stem, *(f"{stem}_{number}" for number in range(2, len(taken) + 3)))
    return next(key for key in candidates if key not in taken)


def keys_in(definition: Mapping[str, Any]) -> set[str]:
    sections = definition["sections"]
    return {section["key"] for section in sections} | {f["key"] for section in sections for f in section["fields"]}
