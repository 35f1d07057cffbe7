"""Going through every answer that was ever given, with the text that it was given to."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from supervision.audit.models import AuditEntry
from supervision.db import db
from supervision.deontology.actions import chained, shown_text
from supervision.deontology.chain.rules import Fault, Link, Recorded, faults
from supervision.deontology.models import Acknowledgement, TextVersion
from supervision.deontology.rules import text_sha256

_ACTS = ("code-signed", "code-refused", "code-informed", "code-withdrawn")
_AT_ONCE = 500  # rows


def found() -> list[Fault]:
    """Everything wrong with the chain of answers. Every hash is computed again; the texts are read once."""
    return list(faults(_links(), _recorded()))


def _links() -> Iterator[Link]:
    texts = _texts()
    answers = select(Acknowledgement).order_by(Acknowledgement.number)
    answers = answers.execution_options(yield_per=_AT_ONCE, populate_existing=True)
    for row in db.session.scalars(answers):
        published = texts.get((row.version_id, row.language))
        yield Link(
            number=row.number,
            facts=chained(row),
            previous_hash=row.previous_hash,
            row_hash=row.row_hash,
            text_sha256=row.text_sha256,
            published_sha256=published[0] if published else None,
            sentence=row.sentence,
            published_sentence=published[1] if published and row.answer == "signed" else None,
        )


def _texts() -> dict[tuple[UUID, str], tuple[str, str]]:
    """The hash and the sentence of each version in each language, as they stand now."""
    published = select(TextVersion).options(selectinload(TextVersion.articles))
    versions = db.session.scalars(published.execution_options(populate_existing=True))
    return {
        (version.id, language): (text_sha256(shown_text(version, language)), getattr(version, f"sentence_{language}"))
        for version in versions
        for language in ("fr", "en")
    }


def _recorded() -> Recorded:
    entries = db.session.execute(select(AuditEntry.facts).where(AuditEntry.action.in_(_ACTS)))
    facts = [entry for (entry,) in entries]
    numbered = {entry["number"]: entry["row_hash"] for entry in facts if "row_hash" in entry}
    return Recorded(numbered, len(facts) - len(numbered))
