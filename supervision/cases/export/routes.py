"""The author takes a copy along: the whole of a case as a PDF or as Markdown, made in memory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask_babel import gettext as _

from supervision import clock, i18n, permissions
from supervision.cases import texts
from supervision.cases.attachments import queries as attachments
from supervision.cases.attachments.queries import AttachmentLine
from supervision.cases.doors import visible_case
from supervision.cases.export import actions
from supervision.cases.export.content import document
from supervision.cases.export.markdown import render
from supervision.cases.feedback import thread
from supervision.cases.queries import CaseFile
from supervision.cases.visibility import queries as visibility
from supervision.db import begin_writing, db
from supervision.doors import commit, keyring
from supervision.sign_in.current import me, today
from supervision.typesetting import press
from supervision.typesetting.document import Document

bp = Blueprint("case_export", __name__)


@bp.get("/situations/<uuid:case_id>/exporter/markdown")
def markdown(case_id: UUID) -> Any:
    whole = render(_whole(_mine(case_id)))
    return _sent(case_id, "markdown", whole.encode(), "text/markdown; charset=utf-8", "md")


@bp.get("/situations/<uuid:case_id>/exporter/pdf")
def pdf(case_id: UUID) -> Any:
    whole = _whole(_mine(case_id))
    db.session.rollback()  # no connection is held while the pages are set
    try:
        made = press.pdf(whole)
    except press.NotSet:
        flash(_("Le PDF n’a pas pu être fait maintenant. Réessayez dans un instant, ou exportez en texte."), "notice")
        return redirect(url_for("cases.case", case_id=case_id))
    return _sent(case_id, "pdf", made, "application/pdf", "pdf")


def _mine(case_id: UUID) -> CaseFile:
    file = visible_case(case_id)
    if not permissions.can_export(me(), file):
        abort(403)
    return file


def _whole(file: CaseFile) -> Document:
    now = clock.now()
    return document(
        file,
        thread.of_case(file, keyring(), now, reader_id=None),
        title=texts.situation(file, keyring()).get("title") or "",
        readers=visibility.readers_of(file, today(now), now),
        attachments=[each for each in _files(file) if each.submitted_at is not None],
        now=now,
    )


def _files(file: CaseFile) -> list[AttachmentLine]:
    return attachments.lines(permissions.visible_attachments(me(), file), file.seal(keyring()))


def _sent(case_id: UUID, kind: str, content: bytes, media_type: str, extension: str) -> Response:
    """Recorded once it is made, and then sent: a file with a name that says nothing, which no cache keeps."""
    now = clock.now()
    day = now.astimezone(i18n.reader().zone).date()
    begin_writing()  # up to here this was only read
    actions.record_export(actor_id=me().id, case_id=case_id, kind=kind, now=now)
    commit()
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="situation-{day}.{extension}"'
    response.headers["Cache-Control"] = "no-store"
    return response
