"""The door to one's own thread. Nobody else has one to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request

from supervision import clock, i18n, permissions
from supervision.cases.feedback.words import OUTCOMES
from supervision.cases.finding.queries import forms_asked
from supervision.cases.thread import queries, rules
from supervision.doors import keyring
from supervision.sign_in.current import me, today

bp = Blueprint("case_thread", __name__)

PAGE = 10


@bp.get("/mon-fil")
def mine() -> Any:
    now, visible = clock.now(), permissions.own_cases(me())
    before = request.args.get("avant", type=UUID)
    entries = queries.entries(visible, keyring(), now, limit=PAGE + 1, before=before)
    return render_template(
        "cases/thread/thread.html",
        entries=entries[:PAGE],
        following=entries[PAGE - 1].case_id if len(entries) > PAGE else None,
        outcomes=OUTCOMES,
        **(_picture() if entries and before is None else {}),
    )


def _picture() -> dict[str, Any]:
    """Competences over the last two years, on the first page only."""
    language, quarters = i18n.current_language(), rules.latest(today(clock.now()))
    asked = forms_asked(language)
    counts = queries.touched(permissions.own_cases(me()), asked, keyring(), since=quarters[0])
    competences = queries.competences(asked.values(), language, counts)
    told = rules.table(competences, quarters, counts)
    return {"picture": rules.picture(competences, quarters, counts) if told else None, "told": told}
