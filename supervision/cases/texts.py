"""Opening what was written, for the length of one request, in the order a reader needs it."""

from __future__ import annotations

from typing import Any

from supervision.cases.feedback.models import Answer, Correction, Feedback, FeedbackDraft, Message
from supervision.cases.models import CaseDraft, CaseVersion, Supplement, SupplementRequest
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring


def situation(file: CaseFile, keyring: Keyring) -> dict[str, Any]:
    """The submitted version's fields, or the draft's while nothing is submitted."""
    return version(file, file.version, keyring) if file.version is not None else draft(file, keyring)


def draft(file: CaseFile, keyring: Keyring) -> dict[str, Any]:
    if file.draft is None:
        return {}
    return file.seal(keyring).open_fields(file.draft.sealed, CaseDraft.__tablename__, file.case.id)


def version(file: CaseFile, row: CaseVersion, keyring: Keyring) -> dict[str, Any]:
    return file.seal(keyring).open_fields(row.sealed, CaseVersion.__tablename__, row.id)


def feedback(file: CaseFile, keyring: Keyring, row: Feedback | None = None) -> dict[str, Any] | None:
    """A feedback's fields; without `row`, those of the latest version's."""
    row = row or file.feedback
    if row is None:
        return None
    return file.seal(keyring).open_fields(row.sealed, Feedback.__tablename__, row.id)


def feedback_draft(file: CaseFile, keyring: Keyring) -> dict[str, Any] | None:
    if file.feedback_draft is None:
        return None
    row = file.feedback_draft
    return file.seal(keyring).open_fields(row.sealed, FeedbackDraft.__tablename__, row.version_id)


def answer(file: CaseFile, keyring: Keyring, row: Answer | None = None) -> dict[str, Any] | None:
    row = row or file.answer
    if row is None:
        return None
    return file.seal(keyring).open_fields(row.sealed, Answer.__tablename__, row.id)


def words(file: CaseFile, keyring: Keyring, row: SupplementRequest | Supplement | Correction | Message) -> str:
    """The text of one of the short pieces that follow a version or a feedback."""
    text: str = file.seal(keyring).open_fields(row.sealed, row.__tablename__, row.id)["text"]
    return text
