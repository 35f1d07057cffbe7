"""A case from its first version to the last word, opened for one request: what was sent, asked, answered, added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from supervision.cases import texts
from supervision.cases.feedback import queries
from supervision.cases.feedback.models import Correction, Message
from supervision.cases.feedback.queries import SaidLine
from supervision.cases.models import CaseVersion, Supplement, SupplementRequest
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring


@dataclass(frozen=True)
class Said:
    kind: str  # request | supplement | correction | message
    by: str
    text: str
    at: datetime


_KINDS = {
    SupplementRequest.__tablename__: "request",
    Supplement.__tablename__: "supplement",
    Correction.__tablename__: "correction",
    Message.__tablename__: "message",
}


@dataclass(frozen=True)
class Round:
    """One version, what was asked and added while it waited, and what was answered to it."""

    version: CaseVersion
    exchanges: list[Said]
    feedback: dict[str, Any] | None
    by: str | None
    out_at: datetime | None
    corrections: list[Said]
    answer: dict[str, Any] | None
    answered_at: datetime | None

    @property
    def number(self) -> int:
        return self.version.number

    @property
    def follow_up_on(self) -> date | None:
        day = (self.feedback or {}).get("follow_up_on")
        return date.fromisoformat(day) if day else None


@dataclass(frozen=True)
class Thread:
    rounds: list[Round]
    messages: list[Said]

    def round_of(self, number: int | None) -> Round:
        """The round of this version; of the latest where there is no such version."""
        return next((each for each in self.rounds if each.number == number), self.rounds[-1])

    def before(self, shown: Round) -> Round | None:
        """The version that this one followed."""
        earlier = [each for each in self.rounds if each.number < shown.number]
        return earlier[-1] if earlier else None

    def with_feedback(self, fields: dict[str, Any], by: str, out_at: datetime) -> Thread:
        """As it will be once these fields are published to the latest version."""
        latest = replace(self.rounds[-1], feedback=fields, by=by, out_at=out_at)
        return replace(self, rounds=[*self.rounds[:-1], latest])

    def notes(self) -> list[tuple[dict[str, Any], str]]:
        """Every margin note that is out, with the name of whoever wrote it."""
        return [(note, each.by or "") for each in self.rounds for note in (each.feedback or {}).get("notes", ())]


def of_case(file: CaseFile, keyring: Keyring, now: datetime, *, reader_id: UUID | None) -> Thread:
    """Two statements. What is not out yet is there for the reader who wrote it, and may still recall it."""
    said = _opened(file, keyring, queries.said(file.case.id))
    rounds = []
    for version, row, by, answer in queries.history(file.case.id):
        shown = row if row is not None and (row.published_at <= now or row.author_id == reader_id) else None
        rounds.append(
            Round(
                version=version,
                exchanges=said.get(version.id, []),
                feedback=texts.feedback(file, keyring, shown) if shown else None,
                by=by if shown else None,
                out_at=shown.published_at if shown else None,
                corrections=said.get(shown.id, []) if shown else [],
                answer=texts.answer(file, keyring, answer) if shown and answer else None,
                answered_at=answer.answered_at if shown and answer else None,
            )
        )
    return Thread(rounds, said.get(file.case.id, []))


def _opened(file: CaseFile, keyring: Keyring, lines: list[SaidLine]) -> Mapping[UUID, list[Said]]:
    seal = file.seal(keyring)
    found: dict[UUID, list[Said]] = {}
    for line in lines:
        text = seal.open_fields(line.sealed, line.kind, line.id)["text"]
        found.setdefault(line.belongs_to, []).append(Said(_KINDS[line.kind], line.by, text, line.at))
    return found
