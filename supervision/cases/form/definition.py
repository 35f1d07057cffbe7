"""The form of a situation as plain values, read from the dictionary that a form version keeps.

{"sections": [{"key", "title": {fr, en}, "help": {fr, en}, "at_least"?: {"kind", "count"}, "fields": [
    {"key", "kind", "label": {fr, en}, "help": {fr, en}, "required", "retired", "notice"?: {fr, en}, "limit"?,
     "long"?, "options"?: [{"key", "label": {fr, en}, "retired"?}], "options_label"?: {fr, en},
     "help_self"?, "help_group"?: {fr, en}}]}]}

A field of kind "competence" keeps several values: what was seen « chez moi » (`<key>_self`) and « dans le groupe »
(`<key>_group`), that it was not addressed (`<key>_none`), and, with options, one step of a `<key>_scale` or several
`<key>_marks`. Every other field keeps one value under its own key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LINE, PROSE, FACET = 120, 20_000, 6000  # characters
MANY = 8  # more options than that are a list to open, not a row of buttons

KINDS = (
    "line",  # one line of text
    "prose",  # running text
    "choice",  # one of the options
    "choices",  # any of the options
    "number",  # a whole number from 1
    "month",  # "2026-11"
    "day",  # "2026-11-26"
    "agree",  # a sentence to tick
    "person",  # somebody who supervises the author
    "visibility",  # "supervisor", or the id of a group session
    "competence",
)
WITH_OPTIONS = frozenset({"choice", "choices"})
EXTRAS = ("scale", "marks")  # what a competence may carry besides its two facets


@dataclass(frozen=True)
class Words:
    """One wording in each language."""

    fr: str = ""
    en: str = ""

    @classmethod
    def read(cls, words: Any) -> Words:
        return cls(words.get("fr") or "", words.get("en") or "") if isinstance(words, Mapping) else cls()

    def of(self, language: str) -> str:
        """The wording; French where the other one is missing, rather than nothing."""
        return (self.en if language == "en" else self.fr) or self.fr

    def __bool__(self) -> bool:
        return bool(self.fr or self.en)


_FACETS = tomllib.loads(Path(__file__).with_name("facets.toml").read_text())
SELF, GROUP, NOT_ADDRESSED = (Words.read(_FACETS[name]) for name in ("self", "group", "none"))


@dataclass(frozen=True)
class Option:
    key: str
    label: Words
    retired: bool = False


@dataclass(frozen=True)
class Part:
    """One value that is kept: a key in the sealed fields, and how it is asked for."""

    key: str
    kind: str  # one of KINDS but "competence"
    label: Words
    help: Words = Words()
    options: tuple[Option, ...] = ()
    limit: int = PROSE


@dataclass(frozen=True)
class Field:
    key: str
    kind: str
    label: Words
    help: Words = Words()
    notice: Words = Words()  # a sentence that stands out under the field
    required: bool = False
    retired: bool = False
    long: bool = False  # a text people write at length
    options: tuple[Option, ...] = ()
    options_label: Words = Words()
    extra: str = ""  # of a competence: "scale" or "marks"
    help_self: Words = Words()
    help_group: Words = Words()
    limit: int = PROSE

    @property
    def parts(self) -> tuple[Part, ...]:
        """The values that this field keeps."""
        if self.kind != "competence":
            return (Part(self.key, self.kind, self.label, self.help, self.options, self.limit),)
        extra = {
            "scale": (Part(f"{self.key}_scale", "choice", self.options_label, options=self.options),),
            "marks": (Part(f"{self.key}_marks", "choices", self.options_label, options=self.options),),
        }.get(self.extra, ())
        return (
            Part(f"{self.key}_none", "agree", NOT_ADDRESSED),
            *extra,
            Part(f"{self.key}_self", "prose", SELF, self.help_self, limit=self.limit),
            Part(f"{self.key}_group", "prose", GROUP, self.help_group, limit=self.limit),
        )

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(part.key for part in self.parts)


@dataclass(frozen=True)
class AtLeast:
    """How many fields of a kind must say something, wherever in the section."""

    kind: str
    count: int


@dataclass(frozen=True)
class Section:
    key: str
    title: Words
    help: Words
    fields: tuple[Field, ...]  # the retired ones too
    at_least: AtLeast | None = None

    @property
    def asked(self) -> tuple[Field, ...]:
        """What a new case is asked."""
        return tuple(field for field in self.fields if not field.retired)


@dataclass(frozen=True)
class Form:
    sections: tuple[Section, ...]

    @property
    def asked(self) -> tuple[Section, ...]:
        """The sections that ask something."""
        return tuple(section for section in self.sections if section.asked)

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def hues(self) -> dict[str, int]:
        """The colour of each competence, 1 to 6: six come out of a prism."""
        competences = (field.key for field in self.fields if field.kind == "competence")
        return {key: number % 6 + 1 for number, key in enumerate(competences)}

    def parts(self) -> Iterator[Part]:
        """Every value that a filled form of this version may hold."""
        for field in self.fields:
            yield from field.parts


def parse(definition: Mapping[str, Any]) -> Form:
    return Form(tuple(_section(section) for section in definition.get("sections", ())))


def _section(section: Mapping[str, Any]) -> Section:
    rule = section.get("at_least")
    return Section(
        key=section["key"],
        title=Words.read(section.get("title")),
        help=Words.read(section.get("help")),
        fields=tuple(_field(field) for field in section.get("fields", ())),
        at_least=AtLeast(rule["kind"], int(rule["count"])) if rule else None,
    )


def _field(field: Mapping[str, Any]) -> Field:
    words = ("label", "help", "notice", "options_label", "help_self", "help_group")
    return Field(
        key=field["key"],
        kind=field["kind"],
        required=bool(field.get("required")),
        retired=bool(field.get("retired")),
        long=bool(field.get("long")),
        options=tuple(_option(option) for option in field.get("options", ())),
        extra=field.get("extra") or "",
        limit=int(field.get("limit") or _limit_of(field["kind"])),
        **{name: Words.read(field.get(name)) for name in words},
    )


def _limit_of(kind: str) -> int:
    return {"line": LINE, "competence": FACET}.get(kind, PROSE)


def _option(option: Mapping[str, Any]) -> Option:
    return Option(option["key"], Words.read(option.get("label")), bool(option.get("retired")))
