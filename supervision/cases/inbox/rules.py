"""What lies on a supervisor's desk, under which tab, in which order. Plain values only.

What waits for her comes by the day it is due, everything else by how long it has been there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from supervision.cases import places
from supervision.cases.places import Place

TO_ANSWER, SUPPLEMENT, DRAFTS, SENT, TO_READ = "to-answer", "supplement", "drafts", "sent", "to-read"


@dataclass(frozen=True)
class Lying:
    """One case under one tab. `due` only where the supervisor is the one who is waited for, or may still recall."""

    tab: str
    case_id: UUID
    since: datetime
    due: datetime | None = None

    @property
    def place(self) -> Place:
        return self.due or self.since, self.case_id


def counts(lying: Iterable[Lying]) -> Counter[str]:
    return Counter(one.tab for one in lying)


def page(lying: Iterable[Lying], tab: str, *, after: str, size: int) -> tuple[Sequence[Lying], str | None]:
    """The rows of one page, and the key of the last of them if more follow."""
    return places.page((one for one in lying if one.tab == tab), lambda one: one.place, after=after, size=size)
