"""Which texts people are asked to accept: the code, always, and those that the committee adds."""

from __future__ import annotations

from datetime import datetime

from supervision.audit import actions as audit
from supervision.deontology import actions as deontology
from supervision.deontology.authoring import queries
from supervision.deontology.authoring.editing import new_id
from supervision.deontology.authoring.rules import KindKept
from supervision.deontology.models import TextKind
from supervision.deontology.rules import CODE
from supervision.people.models import Person


def add(
    *, actor: Person, name_fr: str, name_en: str, is_public: bool, has_consequences: bool, now: datetime
) -> TextKind:
    """Another text that people are asked to accept; its address is made of its French name."""
    kinds = queries.all_kinds()
    kind = deontology.add_kind(
        slug=new_id(name_fr, {kind.slug for kind in kinds}),
        name_fr=name_fr,
        name_en=name_en,
        position=max((kind.position for kind in kinds), default=0) + 1,
        is_public=is_public,
        has_consequences=has_consequences,
    )
    audit.record(actor_id=actor.id, action="text-kind-added", subject=f"text/{kind.slug}", now=now)
    return kind


def retire(*, actor: Person, kind: TextKind, now: datetime) -> None:
    """Ask nobody for this text any more. What was signed stays.

    Raises:
        KindKept: the code of ethics.
    """
    if kind.slug == CODE:
        raise KindKept
    if kind.retired_at is None:
        kind.retired_at = now
        audit.record(actor_id=actor.id, action="text-kind-retired", subject=f"text/{kind.slug}", now=now)


def resume(*, actor: Person, kind: TextKind, now: datetime) -> None:
    """Ask for it again."""
    if kind.retired_at is not None:
        kind.retired_at = None
        audit.record(actor_id=actor.id, action="text-kind-resumed", subject=f"text/{kind.slug}", now=now)
