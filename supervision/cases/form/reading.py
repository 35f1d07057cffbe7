"""A written situation as its readers see it: what is filled in, section by section, in the words of its own form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from supervision import i18n
from supervision.cases.form import queries
from supervision.cases.form.definition import Field, Part, Section, parse

# The title stands above, the supervisor and the readers in a line of their own, as they are today.
_ELSEWHERE = frozenset({"title", "supervisor", "visibility"})
_TEXTS = frozenset({"line", "prose"})


@dataclass(frozen=True)
class Shown:
    """One value. `kind` says how to show it: text (as written), words (of the form), list, month, day or agreed."""

    key: str  # what a passage of it is quoted by
    label: str
    kind: str
    value: Any


@dataclass(frozen=True)
class ShownField:
    key: str
    label: str
    hue: int  # of a competence, 1 to 6; otherwise 0
    values: tuple[Shown, ...]

    @property
    def is_fact(self) -> bool:
        """Short enough for a line beside its label."""
        return not self.hue and self.values[0].kind in {"words", "list", "month", "day"}


@dataclass(frozen=True)
class ShownSection:
    key: str
    title: str
    fields: tuple[ShownField, ...]
    not_addressed: tuple[str, ...]  # labels of the competences that the author left out knowingly

    @property
    def facts(self) -> list[ShownField]:
        return [field for field in self.fields if field.is_fact]

    @property
    def agreed(self) -> list[ShownField]:
        return [field for field in self.fields if field.values[0].kind == "agreed"]

    @property
    def texts(self) -> list[ShownField]:
        return [field for field in self.fields if field not in self.facts and field not in self.agreed]


def of_version(form_version_id: UUID, fields: Mapping[str, Any]) -> list[ShownSection]:
    """As the person who reads now sees it; the form is the one that the situation was written with."""
    return shown(queries.by_id(form_version_id).definition, fields, i18n.current_language())


def shown(definition: Mapping[str, Any], fields: Mapping[str, Any], language: str) -> list[ShownSection]:
    """Filled fields only, retired ones too: what somebody has written is shown."""
    form = parse(definition)
    sections = (_section(section, form.hues, fields, language) for section in form.sections)
    return [section for section in sections if section.fields or section.not_addressed]


def differences(
    definition: Mapping[str, Any], there: Mapping[str, Any], here: Mapping[str, Any], language: str
) -> list[Shown]:
    """What another text says where it is not what stands here; nothing is said as an empty value."""
    form = parse(definition)
    names = {
        part.key: field.label.of(language) for field in form.fields for part in field.parts if len(field.parts) > 1
    }
    found = []
    for part in form.parts():
        if (there.get(part.key) or None) != (here.get(part.key) or None):
            shown = _shown(part, there.get(part.key), language)
            label = f"{names[part.key]} – {shown.label}" if part.key in names else shown.label
            found.append(replace(shown, label=label))
    return found


def text_keys(definition: Mapping[str, Any]) -> dict[str, str]:
    """The keys of everything that is written freely, with the key of the field it belongs to, in the form's order."""
    return {part.key: field.key for field in parse(definition).fields for part in field.parts if part.kind in _TEXTS}


def _section(section: Section, hues: Mapping[str, int], fields: Mapping[str, Any], language: str) -> ShownSection:
    seen, left_out = [], []
    for field in section.fields:
        values = tuple(_values(field, fields, language)) if field.key not in _ELSEWHERE else ()
        if values:
            seen.append(ShownField(field.key, field.label.of(language), hues.get(field.key, 0), values))
        elif fields.get(f"{field.key}_none"):
            left_out.append(field.label.of(language))
    return ShownSection(section.key, section.title.of(language), tuple(seen), tuple(left_out))


def _values(field: Field, fields: Mapping[str, Any], language: str) -> list[Shown]:
    parts = [part for part in field.parts if not (field.kind == "competence" and part.kind == "agree")]
    return [_shown(part, fields[part.key], language) for part in parts if fields.get(part.key)]


def _shown(part: Part, value: Any, language: str) -> Shown:
    names = {option.key: option.label.of(language) for option in part.options}
    kinds = {"choice": "words", "choices": "list", "number": "words", "agree": "agreed", "month": "month", "day": "day"}
    kind = kinds.get(part.kind, "text")
    if part.kind == "choice":
        value = names.get(value, value)
    elif part.kind == "choices":
        value = [names.get(key, key) for key in value or ()]
    elif part.kind == "day" and value:
        value = date.fromisoformat(value)
    return Shown(part.key, part.label.of(language), kind, value)
