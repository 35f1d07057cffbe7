"""Doors for whoever coordinates the training: what waits for whom, and another person for a case that waits too long.

She sees that a case exists, whose it is and since when. She cannot open it, so it is not looked for among what she may
see, but among what waits.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from supervision import clock, permissions
from supervision.cases import places
from supervision.cases.awaited import queries as awaited
from supervision.cases.lifecycle import actions
from supervision.cases.lifecycle.forms import ProposalForm
from supervision.cases.loads import queries
from supervision.cases.loads.rules import Waiting, loads
from supervision.cases.words import SUPERVISOR_STATES
from supervision.doors import commit
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.sign_in.current import me, our_association, today

bp = Blueprint("case_loads", __name__)

PAGE = 25
STRANDED = "sans-personne"


@bp.get("/situations/charge")
def index() -> Any:
    now, running, waiting = _situation()
    stranded = [row for row in waiting if row.is_stranded]
    only_stranded = request.args.get("voir") == STRANDED
    listed = stranded if only_stranded else waiting
    rows, following = places.page(listed, lambda row: row.place, after=request.args.get("apres", ""), size=PAGE)
    supervisors = [(person.id, person.display_name) for person in people.holders("supervisor", now)]
    return render_template(
        "cases/loads/index.html",
        loads=loads(supervisors, waiting, running, now),
        rows=rows,
        following=following,
        proposed=queries.proposed(row.case_id for row in rows),
        stranded=len(stranded),
        only_stranded=only_stranded,
        states=SUPERVISOR_STATES,
        now=now,
    )


def _situation() -> tuple[Any, queries.Pairs, list[Waiting]]:
    """Now, the agreements that run, and everything that waits; 404 for whoever must not know."""
    if not permissions.can_see_loads(me()):
        abort(404)
    now = clock.now()
    running = queries.agreements_running(today(now))
    return now, running, queries.waiting(running, target_days=our_association().feedback_target_days, now=now)


@bp.get("/situations/<uuid:case_id>/proposer")
def propose(case_id: UUID) -> Any:
    row, _people, form = _proposal(case_id)
    return _page(row, form)


@bp.post("/situations/<uuid:case_id>/proposer")
def propose_post(case_id: UUID) -> Any:
    row, offered, form = _proposal(case_id)
    if not form.validate():
        return _page(row, form), 422
    chosen = next(person for person in offered if str(person.id) == form.supervisor.data)
    actions.propose_handover(
        actor=me().person, supervisor=chosen, case_id=case_id, author_id=row.author_id, now=clock.now()
    )
    commit()
    flash(
        _(
            "%(name)s est proposé·e à %(author)s, qui décide. Un courriel sans contenu l’en prévient.",
            name=chosen.display_name,
            author=row.author_name,
        )
    )
    return redirect(url_for("case_loads.index"))


def _proposal(case_id: UUID) -> tuple[Waiting, list[Person], ProposalForm]:
    """The waiting case, or 404, and whom one may propose: an open account, neither of its two sides."""
    now, _running, waiting = _situation()
    row = next((one for one in waiting if one.case_id == case_id), None)
    if row is None:
        abort(404)
    sides = {row.author_id, row.supervisor_id}
    offered = [person for person in people.holders("supervisor", now) if person.id not in sides]
    counts, form = awaited.load_of([person.id for person in offered], now), ProposalForm()
    form.supervisor.choices = [SelectChoice(value=str(p.id), label=_named(p, counts.get(p.id, 0))) for p in offered]
    return row, offered, form


def _named(person: Person, count: int) -> str:
    return _("%(name)s – en attente : %(count)s", name=person.display_name, count=count)


def _page(row: Waiting, form: ProposalForm) -> str:
    waits = queries.proposed([row.case_id]).get(row.case_id)
    return render_template("cases/loads/propose.html", row=row, form=form, waits=waits, states=SUPERVISOR_STATES)
