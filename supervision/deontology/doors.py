"""What the doors to texts share: a text by its address, and whether whoever asks may read it."""

from __future__ import annotations

from datetime import date

from flask import abort, current_app
from flask_login import current_user

from supervision import clock
from supervision.association.queries import the_association
from supervision.deontology import queries
from supervision.deontology.models import TextKind, TextVersion


def open_kind(slug: str) -> TextKind:
    """A text that is read here by strangers too, or by whoever is signed in. What is asked no more stays readable."""
    kind = queries.kind(slug) or abort(404)
    if not kind.is_public and not current_user.is_authenticated:
        abort(current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
    return kind


def open_version(slug: str, number: int) -> tuple[TextKind, TextVersion]:
    """With its articles."""
    return open_kind(slug), queries.version_by_number(number, slug) or abort(404)


def our_day() -> date:
    """Today where the association is: strangers have no day of their own."""
    association = the_association() or abort(404)
    return association.day_of(clock.now())
