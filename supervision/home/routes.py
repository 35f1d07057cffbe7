"""The first page: what waits for me, and since when."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from supervision import clock, permissions
from supervision.deontology.consequences import words as consequences
from supervision.deontology.reading import queries as reading
from supervision.doors import keyring
from supervision.home import queries
from supervision.ids import new_id
from supervision.sign_in.current import me, our_association, today

bp = Blueprint("home", __name__)

SHOWN = 20  # what waits longest: more than anyone does in a day


@bp.get("/")
def index() -> Any:
    now = clock.now()
    day = today(now)
    target_days = our_association().feedback_target_days
    to_sign = [told for told in consequences.told_to(me().id, day) if told.duty.is_asked]
    waiting = queries.what_waits(me(), day, keyring(), now, target_days=target_days, limit=SHOWN + 1)
    return render_template(
        "home/index.html",
        waiting=waiting[:SHOWN],
        has_more=len(waiting) > SHOWN,
        now=now,
        can_write=permissions.can_write_case(me()),
        to_sign=to_sign,
        signed=reading.signed_numbers(me().id) if to_sign else {},
        creation_key=new_id(),
    )
