"""What a feedback and an answer are made of. Formative: there is no grade on a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from supervision.cases.feedback import notes
from supervision.cases.rules import missing

LENSES = ("group", "intervention", "relation", "practitioner", "supervision", "self", "context")
FRAME_ETHICS = ("nothing", "to-work-on", "to-handle")
TEXTS = (
    "acknowledgement",
    "heard",
    "resources",
    "questions",
    "hypotheses",
    "resonances",
    "paths",
    "experiment",
)
FIELDS = (*TEXTS, "lenses", "frame_ethics", "follow_up_on", "to_session", "notes")
REQUIRED = ("heard", "resources", "questions", "paths", "experiment", "follow_up_on")

OUTCOMES = ("as-proposed", "otherwise", "not-yet", "set-aside")
USEFULNESS = ("much", "partly", "not-this-time")
ANSWER_FIELDS = ("tried", "happened", "outcome", "usefulness", "useful_words")
ANSWER_REQUIRED = ("tried", "outcome", "usefulness")


def is_past(fields: Mapping[str, Any], today: date) -> bool:
    """The day on which to come back to the experiment is behind us. `follow_up_on` is sealed in ISO."""
    day = fields.get("follow_up_on")
    return day is not None and date.fromisoformat(str(day)) < today


def joined(signed: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was signed, followed by what the other text says besides. Of what is chosen and not written,
    the signed choice stands.
    """
    both = {**other, **signed}
    for name in TEXTS:
        besides = other.get(name, "")
        if signed.get(name) and besides not in signed[name]:
            both[name] = f"{signed[name]}\n\n{besides}"
    written, more = signed.get("notes", []), other.get("notes", [])
    besides_noted = [note for note in more if _said(note) not in map(_said, written)]
    return both | ({"notes": [*written, *besides_noted]} if written or besides_noted else {})


def _said(note: Mapping[str, Any]) -> tuple[Any, Any]:
    return note.get("quote"), note.get("text")


def is_ready(fields: Mapping[str, Any], today: date) -> bool:
    """Fit to be published: everything required, a day to come, every note at its passage."""
    complete = all(notes.is_complete(note) for note in fields.get("notes", ()))
    return complete and not missing(fields, REQUIRED) and not is_past(fields, today)
