"""What a feedback and an answer are made of. Formative: there is no grade on a case."""

from __future__ import annotations

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
