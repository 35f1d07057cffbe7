"""Doors to finding a situation again, among one's own and among those one supervises.

What is chosen from a list stands in the address, so that it survives paging, a reload and coming back. The words that
are looked for do not: addresses end up in histories and logs of proxies, and whoever looks for a word has it from a
situation. They come by POST, are answered by a page at once, and are asked again with each further page.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Select

from supervision import clock, i18n, permissions
from supervision.cases.finding import forms, queries
from supervision.cases.finding.forms import FindForm
from supervision.cases.finding.queries import Desk
from supervision.cases.finding.words import PLACES
from supervision.cases.models import Case
from supervision.cases.words import AUTHOR_STATES, SUPERVISOR_STATES
from supervision.doors import keyring, only_reads
from supervision.sign_in.current import me, today

bp = Blueprint("case_finding", __name__)

PAGE = 25


@bp.get("/situations/retrouver")
def mine() -> Any:
    return _by_choices(as_author=True)


@bp.post("/situations/retrouver")
@only_reads
def mine_by_words() -> Any:
    return _by_words(as_author=True)


@bp.get("/situations/recues/retrouver")
def received() -> Any:
    return _by_choices(as_author=False)


@bp.post("/situations/recues/retrouver")
@only_reads
def received_by_words() -> Any:
    return _by_words(as_author=False)


def _by_choices(*, as_author: bool) -> Any:
    visible = _visible(as_author=as_author)
    desk, form = _desk(visible, as_author=as_author)
    form.take(request.args)
    return _page(form, visible, desk, request.args.get("avant", type=UUID))


def _by_words(*, as_author: bool) -> Any:
    visible = _visible(as_author=as_author)
    desk, form = _desk(visible, as_author=as_author)
    if not form.validate():
        return render_template("cases/finding/find.html", form=form, found=None, **_side(as_author)), 422
    if not form.wanted().terms:
        choices: dict[str, Any] = form.in_address
        return redirect(url_for(_side(as_author)["choices_door"], **choices))
    return _page(form, visible, desk, _uuid(form.before.data))


def _visible(*, as_author: bool) -> Select[Case]:
    if as_author:
        return permissions.own_cases(me())
    if not me().holds("supervisor"):
        abort(403)
    return permissions.supervised_cases(me(), today(clock.now()))


def _desk(visible: Select[Case], *, as_author: bool) -> tuple[Desk, FindForm]:
    now, language = clock.now(), i18n.current_language()
    asked = queries.forms_asked(language)
    form, states = FindForm(), AUTHOR_STATES if as_author else SUPERVISOR_STATES
    form.offer("state", ((key, str(label)) for key, label in states.items()))
    form.offer("since", forms.months(today(now)))
    form.offer("until", forms.months(today(now)))
    form.offer("group", forms.groups(asked.values(), language))
    form.offer("competence", forms.competences(asked.values(), language))
    form.offer("other", forms.names(queries.others(visible, as_author=as_author)))
    return Desk(as_author, keyring(), now, asked), form


def _page(form: FindForm, visible: Select[Case], desk: Desk, before: UUID | None) -> str:
    wanted = form.wanted()
    found = queries.find(visible, wanted, desk, limit=PAGE + 1, before=before)
    return render_template(
        "cases/finding/find.html",
        form=form,
        found=found[:PAGE],
        following=found[PAGE - 1].line.id if len(found) > PAGE else None,
        is_first=before is None,
        by_words=bool(wanted.terms),
        places=PLACES,
        **_side(desk.as_author),
    )


def _side(as_author: bool) -> dict[str, Any]:
    side = "mine" if as_author else "received"
    return {
        "as_author": as_author,
        "choices_door": f"case_finding.{side}",
        "words_door": f"case_finding.{side}_by_words",
        "list_door": f"cases.{side}",
        "states": AUTHOR_STATES if as_author else SUPERVISOR_STATES,
    }


def _uuid(sent: str | None) -> UUID | None:
    try:
        return UUID(sent or "")
    except ValueError:
        return None
