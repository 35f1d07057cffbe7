"""What waits for whom, as whoever coordinates may know it: that a case exists, whose it is, since when.

No title and no text is read here, and none is opened: the selects do not even fetch what is sealed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from supervision.agreements.models import Agreement
from supervision.agreements.queries import runs_on
from supervision.cases.awaited import queries as cases
from supervision.cases.awaited.queries import PostFacts
from supervision.cases.loads.rules import Waiting
from supervision.cases.models import HandoverProposal
from supervision.cases.queries import is_undecided
from supervision.cases.rules import awaited_at
from supervision.db import db
from supervision.people.models import Person

Pairs = set[tuple[UUID, UUID]]  # (supervisee, supervisor)


def waiting(running: Pairs, *, target_days: int, now: datetime) -> list[Waiting]:
    """Every case that waits for its feedback, in no order. Two statements.

    `running` are the agreements that run today; `target_days` as the association has it.
    """
    awaited = cases.awaited(now)
    people = _people({facts.supervisor_id for _, facts in awaited} | {facts.author_id for _, facts in awaited})
    return [_waiting(case_id, facts, people, running, target_days) for case_id, facts in awaited]


def _waiting(case_id: UUID, facts: PostFacts, people: dict[UUID, Person], running: Pairs, target_days: int) -> Waiting:
    due = awaited_at(since=facts.waits_since, target_days=target_days, agreed_on=facts.agreed_on)
    supervisor = people[facts.supervisor_id]
    reads = facts.for_this_case or (facts.author_id, facts.supervisor_id) in running
    return Waiting(
        case_id=case_id,
        author_id=facts.author_id,
        author_name=people[facts.author_id].display_name,
        supervisor_id=facts.supervisor_id,
        supervisor_name=supervisor.display_name,
        submitted_at=facts.submitted_at,
        since=facts.asked_at or facts.waits_since,
        due=due,
        state="supplement-asked" if facts.asked_at else "being-read" if facts.opened_at else "submitted",
        has_left=supervisor.deactivated_at is not None,
        may_read=reads,
    )


def _people(ids: Collection[UUID]) -> dict[UUID, Person]:
    return {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))}


def agreements_running(today: date) -> Pairs:
    rows = select(Agreement.supervisee_id, Agreement.supervisor_id).where(runs_on(today))
    return {(row[0], row[1]) for row in db.session.execute(rows)}


def proposed(case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Whom somebody proposed for a case, where the author has not answered."""
    rows = (
        select(HandoverProposal.case_id, Person.display_name)
        .join(Person, Person.id == HandoverProposal.supervisor_id)
        .where(HandoverProposal.case_id.in_(list(case_ids)))
        .where(is_undecided())
    )
    return {row[0]: row[1] for row in db.session.execute(rows)}
