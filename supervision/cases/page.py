"""The page of one case: everything that was written to it, and what the person who looks may do now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import render_template, request
from wtforms import SelectChoice

from supervision import clock, permissions
from supervision.cases import queries, texts
from supervision.cases import shown as situations
from supervision.cases.attachments import queries as attachments
from supervision.cases.break_glass import queries as break_glass
from supervision.cases.doors import moves, my_supervisors
from supervision.cases.feedback import thread, words
from supervision.cases.feedback.forms import AnswerForm, CorrectionForm, MessageForm
from supervision.cases.feedback.thread import Round, Thread
from supervision.cases.lifecycle.forms import DeadlineForm, HandOverForm, RequestForm, SupplementForm
from supervision.cases.queries import CaseFile
from supervision.cases.reidentification import decisions
from supervision.cases.reidentification import words as passage_words
from supervision.cases.retention.forms import KeepForm
from supervision.cases.rules import NOTHING, UNDO, awaited_at, sittings
from supervision.cases.safekeeping import safekeeping
from supervision.cases.visibility import queries as visibility
from supervision.cases.visibility.forms import VisibilityForm
from supervision.db import db
from supervision.doors import keyring
from supervision.ids import new_id
from supervision.people.models import Person
from supervision.scheduling import queries as scheduling
from supervision.sign_in.current import me, our_association, today


def case_page(file: CaseFile, **forms: Any) -> str:
    """The page; a form that was refused is given under its name and takes the place of the empty one.

    In the address, `version` asks for an earlier version, and `changements` for what it changed.
    """
    now, may = clock.now(), moves(file)
    side = permissions.side_of(me(), file, today(now))
    kept = _kept(file, side, now)
    told = _told_to_me(file, side, now, glass_is_open=kept.get("glass") is not None)
    supervisors = mine_but(file) if "hand-over" in may else ()
    return _page(
        file,
        told,
        told.round_of(request.args.get("version", type=int)),
        may=may,
        side=side,
        is_author=side == "author",
        supervises=side == "supervisor",
        is_stranded=file.case.author_id == me().id and _is_stranded(file),
        proposal=_proposal(file, may),
        may_export=permissions.can_export(me(), file),
        **kept,
        forms=_forms(file, may, supervisors) | forms,
    )


def _told_to_me(file: CaseFile, side: str | None, now: datetime, *, glass_is_open: bool) -> Thread:
    """The thread; the words that the two sides exchange afterwards are no part of what a group reads."""
    told = thread.of_case(file, keyring(), now, reader_id=me().id)
    return told if permissions.can_read_messages(side, glass_is_open=glass_is_open) else replace(told, messages=[])


def preview_page(file: CaseFile, fields: dict[str, Any], **context: Any) -> str:
    """The page as the author will see it once the feedback is out."""
    now = clock.now()
    told = thread.of_case(file, keyring(), now, reader_id=None)
    told = told.with_feedback(fields, me().person.display_name, now + UNDO)
    return _page(file, told, told.round_of(None), side="supervisor", may=NOTHING, is_author=True, forms={}, **context)


def _page(file: CaseFile, told: Thread, shown: Round, *, side: str | None, is_author: bool, **context: Any) -> str:
    now, before = clock.now(), told.before(shown)
    compares = before is not None and "changements" in request.args
    situation = texts.version(file, shown.version, keyring())
    return render_template(
        "cases/case.html",
        file=file,
        thread=told,
        shown=shown,
        before=before,
        is_author=is_author,
        now=now,
        situation=situation,
        told=situations.told(file, shown.version),
        marginalia=situations.margin(file, told, shown.version),
        changes=situations.changed(file, before.version, shown.version) if compares and before else None,
        awaited=_awaited(file, now),
        words=words,
        kept_passages=decisions.told(situation) if side is not None else [],
        passage_kinds=passage_words.KINDS,
        keep_reasons=passage_words.REASONS,
        attachments=attachments.lines(permissions.visible_attachments(me(), file), file.seal(keyring())),
        readings=sittings(queries.readings(file.case.id)) if is_author else None,
        readers=visibility.readers_of(file, today(now), now),
        **context,
    )


def _awaited(file: CaseFile, now: datetime) -> datetime | None:
    """By when the feedback is awaited, while it is the supervisor who is waited for."""
    if file.waits_since is None or file.state(now) not in {"submitted", "being-read"}:
        return None
    target = our_association().feedback_target_days
    return awaited_at(since=file.waits_since, target_days=target, agreed_on=file.agreed_on)


def _kept(file: CaseFile, side: str | None, now: datetime) -> dict[str, Any]:
    """How the case is kept, for its author; by what exception one reads it, for whoever is on neither side."""
    if side == "author":
        return {"safe": safekeeping(file, our_association(), keyring(), now)}
    if side is not None or not permissions.can_break_glass(me()):
        return {}
    return {"glass": break_glass.open_through(me().id, file.case.id, now)}


def _proposal(file: CaseFile, may: frozenset[str]) -> Person | None:
    """Whom somebody proposes to the author in the place of her supervisor."""
    proposal = queries.open_proposal(file.case.id) if "hand-over" in may else None
    return db.session.get(Person, proposal.supervisor_id) if proposal else None


def _forms(file: CaseFile, may: frozenset[str], supervisors: Sequence[Person]) -> dict[str, Any]:
    """An empty form for each move that takes one."""
    made: dict[str, Any] = {}
    if "answer" in may:
        made["answer"] = AnswerForm()
    if "correct" in may:
        made["correction"] = CorrectionForm(press=str(new_id()))
    if "message" in may:
        made["message"] = MessageForm(press=str(new_id()))
    if "supplement" in may:
        made["supplement"] = SupplementForm(press=str(new_id()))
    if "ask-supplement" in may:
        made["request"] = RequestForm()
    if "set-deadline" in may:
        made["deadline"] = DeadlineForm()
    if supervisors:
        made["hand_over"] = handover_form(supervisors)
    if permissions.can_keep(me(), file):
        made["keep"] = KeepForm()
    if permissions.can_change_visibility(me(), file):
        made["visibility"] = visibility_form(file)
    return made


def _is_stranded(file: CaseFile) -> bool:
    """An unanswered case whose supervisor cannot open it any more."""
    waits = file.version is not None and file.feedback is None and file.facts.withdrawn_at is None
    if not waits or file.assignment is None or file.assignment.for_this_case or file.facts.closed_at:
        return False
    return file.assignment.supervisor_id not in {person.id for person in my_supervisors()}


def mine_but(file: CaseFile) -> Sequence[Person]:
    """With whom the author has a running agreement, other than the present supervisor."""
    present = file.assignment.supervisor_id if file.assignment else None
    return [person for person in my_supervisors() if person.id != present]


def visibility_form(file: CaseFile) -> VisibilityForm:
    """Offers the sessions in which the author has a seat, with what she has chosen."""
    form = VisibilityForm()
    form.offer(scheduling.open_sessions_for(me().id, clock.now()), visibility.running_opening(file.case.id))
    return form


def handover_form(supervisors: Sequence[Person]) -> HandOverForm:
    form = HandOverForm()
    form.supervisor.choices = [SelectChoice(value=str(p.id), label=p.display_name) for p in supervisors]
    return form
