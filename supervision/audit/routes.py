"""The door to the record."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from supervision import permissions
from supervision.audit import queries
from supervision.people import queries as people
from supervision.sign_in.current import me

bp = Blueprint("audit", __name__)

PAGE = 25


@bp.get("/journal")
def entries() -> Any:
    if not permissions.can_see_audit(me()):
        abort(404)
    found = queries.latest(PAGE + 1, request.args.get("avant", type=_number))
    actors = people.names_of({entry.actor_id for entry in found if entry.actor_id})
    return render_template(
        "audit/entries.html",
        entries=found[:PAGE],
        following=found[PAGE - 1].number if len(found) > PAGE else None,
        actors=actors,
    )


def _number(text: str) -> int:
    """An entry's number; what no column can hold is nonsense in the address, and starts at the top like any other."""
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError(text)
    return number
