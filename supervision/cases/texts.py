"""Opening what was written, for the length of one request, in the order a reader needs it."""

from __future__ import annotations

from typing import Any

from supervision.cases.models import Answer, CaseDraft, CaseVersion, Feedback, FeedbackDraft
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring


def situation(file: CaseFile, keyring: Keyring) -> dict[str, Any]:
    """The submitted version's fields, or the draft's while nothing is submitted."""
    seal = file.seal(keyring)
    if file.version is not None:
        return seal.open_fields(file.version.sealed, CaseVersion.__tablename__, file.version.id)
    if file.draft is not None:
        return seal.open_fields(file.draft.sealed, CaseDraft.__tablename__, file.case.id)
    return {}


def feedback(file: CaseFile, keyring: Keyring) -> dict[str, Any] | None:
    if file.feedback is None:
        return None
    return file.seal(keyring).open_fields(file.feedback.sealed, Feedback.__tablename__, file.feedback.id)


def feedback_draft(file: CaseFile, keyring: Keyring) -> dict[str, Any] | None:
    if file.feedback_draft is None:
        return None
    draft = file.feedback_draft
    return file.seal(keyring).open_fields(draft.sealed, FeedbackDraft.__tablename__, draft.version_id)


def answer(file: CaseFile, keyring: Keyring) -> dict[str, Any] | None:
    if file.answer is None:
        return None
    return file.seal(keyring).open_fields(file.answer.sealed, Answer.__tablename__, file.answer.id)
