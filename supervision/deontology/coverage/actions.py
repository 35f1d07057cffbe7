"""More time for one person, and the record of lists that were taken along."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from supervision.audit import actions as audit
from supervision.db import db
from supervision.deontology.models import Extension, TextVersion
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.people.models import Person

LONGEST = timedelta(days=730)  # who needs more is exempt


class ExtensionRefused(Exception):
    """More time that cannot be given."""


class ForOneself(ExtensionRefused):
    """Nobody gives herself time."""


class NoDayAhead(ExtensionRefused):
    """The last day has passed already, or lies further ahead than two years."""


class RevokedAlready(ExtensionRefused):
    """It was taken back before."""


def extend(
    *,
    actor: Person,
    person: Person,
    version: TextVersion,
    until_on: date | None,
    reason: str,
    now: datetime,
    today: date,
) -> Extension:
    """Give one person until a day, or exempt her from a version (`until_on` empty), for a reason that she reads.

    Raises:
        ForOneself, NoDayAhead: nothing is recorded.
    """
    if actor.id == person.id:
        raise ForOneself
    if until_on is not None and not today < until_on <= today + LONGEST:
        raise NoDayAhead
    given = Extension(
        id=new_id(),
        version_id=version.id,
        person_id=person.id,
        until_on=until_on,
        reason=reason,
        granted_by=actor.id,
        granted_at=now,
    )
    db.session.add(given)
    db.session.flush()
    _tell(given, "granted", now)
    _record(actor, given, "text-extension-granted", now)
    return given


def revoke(*, actor: Person, given: Extension, now: datetime) -> None:
    """Take it back: from this day on the rule is everyone's again.

    Raises:
        ForOneself, RevokedAlready: nothing is changed.
    """
    db.session.refresh(given, with_for_update=True)
    if given.person_id == actor.id:
        raise ForOneself
    if given.revoked_at is not None:
        raise RevokedAlready
    given.revoked_at, given.revoked_by = now, actor.id
    _tell(given, "revoked", now)
    _record(actor, given, "text-extension-revoked", now)


def _tell(given: Extension, what: str, now: datetime) -> None:
    outbox.put(
        key=f"text-extension/{given.id}/{what}",
        kind="text-extension",
        person_id=given.person_id,
        subject_id=given.id,
        now=now,
    )


def _record(actor: Person, given: Extension, action: str, now: datetime) -> None:
    """That it was done and to whom; the reason stays between them."""
    audit.record(actor_id=actor.id, action=action, subject=f"person/{given.person_id}", now=now)


def record_export(*, actor_id: UUID, version: TextVersion, kind: str, rows: int, now: datetime) -> None:
    """`kind`: "csv" or "xlsx"."""
    subject = f"text-version/{version.id}"
    audit.record(actor_id=actor_id, action="coverage-exported", subject=subject, now=now, kind=kind, rows=rows)
