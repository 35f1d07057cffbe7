"""What waits, summed up for each person who supervises. Plain values only; no title, no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from supervision.cases.places import Place


@dataclass(frozen=True)
class Waiting:
    """A case that waits for its feedback: people and dates, nothing that was written."""

    case_id: UUID
    author_id: UUID
    author_name: str
    supervisor_id: UUID
    supervisor_name: str
    submitted_at: datetime
    since: datetime  # from when on whoever is waited for now is waited for
    due: datetime
    state: str  # submitted | being-read | supplement-asked
    has_left: bool  # the supervisor's account is closed
    may_read: bool  # an agreement runs, or the author consented for this case

    @property
    def is_stranded(self) -> bool:
        """Nobody can answer it."""
        return self.has_left or not self.may_read

    def is_late(self, now: datetime) -> bool:
        """Past its day, and it is the supervisor who is waited for."""
        return self.state != "supplement-asked" and self.due < now

    @property
    def place(self) -> Place:
        return self.due, self.case_id


@dataclass(frozen=True)
class Load:
    """What one person has to answer."""

    person_id: UUID
    name: str
    waiting: int
    asked: int  # of these, how many wait for a supplement
    oldest: datetime | None
    late: int
    agreements: int


def loads(
    people: Iterable[tuple[UUID, str]],
    waiting: Sequence[Waiting],
    running: Collection[tuple[UUID, UUID]],
    now: datetime,
) -> list[Load]:
    """One line for each person, in the order given; then whoever has cases and supervises no more."""
    agreements = Counter(supervisor for _, supervisor in running)
    names = dict(people)
    for row in waiting:
        names.setdefault(row.supervisor_id, row.supervisor_name)
    return [_load(person_id, name, waiting, agreements[person_id], now) for person_id, name in names.items()]


def _load(person_id: UUID, name: str, waiting: Sequence[Waiting], agreements: int, now: datetime) -> Load:
    hers = [row for row in waiting if row.supervisor_id == person_id]
    return Load(
        person_id=person_id,
        name=name,
        waiting=len(hers),
        asked=sum(row.state == "supplement-asked" for row in hers),
        oldest=min((row.since for row in hers if row.state != "supplement-asked"), default=None),
        late=sum(row.is_late(now) for row in hers),
        agreements=agreements,
    )
