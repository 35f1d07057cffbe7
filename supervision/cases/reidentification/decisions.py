"""What an author decided about passages: « keep, because … ». It lives among the sealed fields of the text it is about,
under `KEPT`, so that it travels with the draft, the version it becomes, and the next draft.

{identity: {"kind", "because", "words"?, "pseudonym"?, "at"?}}. `identity` says nothing without the case's key
(`passages.identity`); `words` are the author's own; `at` is where the passages stand in a version, which never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from supervision.cases.reidentification.spelling import WORD, words_of

KEPT = "_kept"
PURPOSE = "passages"  # of the secret that identities are made with
INVENTED = "invented"
OTHER = "other"
CHANGED = "changed"
REASONS = (INVENTED, "common-word", "public-place", CHANGED, OTHER)
OF_PEOPLE = frozenset({"name", "titled"})  # what may be the invented name of somebody
_FEWER = {
    "titled": (INVENTED, CHANGED, OTHER),
    "address": ("public-place", CHANGED, OTHER),
    "postcode": ("public-place", CHANGED, OTHER),
    **dict.fromkeys(("email", "link", "phone", "date", "combination"), (CHANGED, OTHER)),
}

Place = tuple[str, int, int]  # a field, and where in it


@dataclass(frozen=True)
class Decision:
    kind: str
    because: str  # one of REASONS
    words: str = ""
    pseudonym: str = ""
    at: tuple[Place, ...] = ()

    def written(self) -> dict[str, Any]:
        optional = {"words": self.words, "pseudonym": self.pseudonym, "at": [list(place) for place in self.at]}
        return {"kind": self.kind, "because": self.because, **{key: value for key, value in optional.items() if value}}


def read(fields: Mapping[str, Any]) -> dict[str, Decision]:
    return {identity: _read(kept) for identity, kept in (fields.get(KEPT) or {}).items()}


def _read(kept: Mapping[str, Any]) -> Decision:
    at = tuple((key, start, end) for key, start, end in kept.get("at", ()))
    return Decision(kept["kind"], kept["because"], kept.get("words", ""), kept.get("pseudonym", ""), at)


def with_decisions(fields: Mapping[str, Any], decisions: Mapping[str, Decision]) -> dict[str, Any]:
    """The fields with these decisions, and no others."""
    return {**fields, KEPT: {identity: made.written() for identity, made in decisions.items()}}


def carried(fields: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with their decisions; those of a page that knows nothing of decisions, with the ones made before."""
    kept = fields.get(KEPT, before.get(KEPT))
    plain = {key: value for key, value in fields.items() if key != KEPT}
    return plain | ({KEPT: kept} if kept else {})


def reasons_for(kind: str) -> tuple[str, ...]:
    """Why a passage of this kind may be kept: a date is no public place."""
    return _FEWER.get(kind, REASONS)


def decided(kind: str, passage: str, because: str, words: str) -> Decision | None:
    """The decision about a passage; None where nothing is said. Words without a reason are a reason of their own."""
    because = because or (OTHER if words else "")
    if not because:
        return None
    if because == INVENTED and kind in OF_PEOPLE:
        return Decision(kind, because, words, pseudonym=" ".join(capitals(passage, kind)))
    return Decision(kind, because, words)


def capitals(passage: str, kind: str) -> list[str]:
    """The words with a capital that a passage names somebody by; the title before them is not one."""
    parts = [word for word in WORD.findall(passage) if word[0].isupper()]
    return parts[1:] if kind == "titled" and len(parts) > 1 else parts


def pseudonyms(decisions: Mapping[str, Decision]) -> dict[str, str]:
    """Which decision made each word an invented name; words folded."""
    found: dict[str, str] = {}
    for identity, decision in decisions.items():
        for word in words_of(decision.pseudonym):
            found.setdefault(word, identity)
    return found


def placed(decision: Decision, at: tuple[Place, ...]) -> Decision:
    return replace(decision, at=at)


@dataclass(frozen=True)
class KeptPassage:
    """One line of what readers are told: the words as they stand in the text, and why they stand there."""

    key: str
    text: str
    kind: str
    because: str
    words: str


def told(fields: Mapping[str, Any]) -> list[KeptPassage]:
    """What was kept in a submitted version, in the order of the text."""
    kept = []
    for decision in read(fields).values():
        for key, start, end in decision.at[:1]:
            kept.append(KeptPassage(key, fields[key][start:end], decision.kind, decision.because, decision.words))
    return kept
