"""What a version says otherwise than the one before, field by field, as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supervision import filters, i18n
from supervision.cases.form import reading
from supervision.cases.form.reading import Shown
from supervision.differences import Piece, differences

_NOT_WORDS = frozenset({"supervisor", "visibility"})  # shown elsewhere on the page, as they are today


@dataclass(frozen=True)
class Change:
    label: str
    pieces: list[Piece]


def changes(definition: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """In the order of the form of the new version; what did not change is left out."""
    language = i18n.current_language()
    after = reading.differences(definition, new, old, language)
    before = reading.differences(definition, old, new, language)
    return [
        Change(now.label, differences(_words(then), _words(now)))
        for then, now in zip(before, after, strict=True)
        if now.key not in _NOT_WORDS
    ]


def _words(shown: Shown) -> str:
    if not shown.value:
        return ""
    if shown.kind == "list":
        return " · ".join(shown.value)
    if shown.kind == "month":
        return filters.month_name(shown.value)
    if shown.kind == "day":
        return filters.day(shown.value)
    if shown.kind == "agreed":
        return shown.label
    return str(shown.value)
