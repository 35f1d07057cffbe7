"""Doors for the files that go with a situation: adding and removing while it is a draft, and taking one home."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from supervision import clock, permissions
from supervision.cases.attachments import actions, queries, words, workshop
from supervision.cases.attachments.names import display_name
from supervision.cases.attachments.queries import AttachmentLine
from supervision.cases.attachments.rules import (
    ENVELOPE,
    MEGABYTE,
    Busy,
    Empty,
    FileRefused,
    TooLarge,
    refuse_larger,
    refuse_more,
)
from supervision.cases.attachments.sending import InTurn
from supervision.cases.doors import moves, note_reading, visible_case
from supervision.cases.queries import CaseFile
from supervision.cases.rules import AlreadySubmitted
from supervision.db import db, release
from supervision.doors import commit, keyring, takes_files, writes
from supervision.sign_in.current import me, our_association

bp = Blueprint("case_attachments", __name__)

# A file is for saving, never for showing within the platform: even a browser that opens it runs nothing of it.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "none",
}


@bp.get("/situations/<uuid:case_id>/pieces")
def attachments(case_id: UUID) -> Any:
    """A page of their own, for whoever works without the long form around them."""
    file = visible_case(case_id)
    if not permissions.can_attach(me(), file, our_association(), moves(file)):
        return redirect(url_for("cases.case", case_id=case_id))
    return _page(file)


def _page(file: CaseFile, refusal: FileRefused | None = None) -> str:
    return render_template(
        "cases/attachments/page.html",
        file=file,
        attachments=queries.lines(permissions.visible_attachments(me(), file), file.seal(keyring())),
        can_attach=True,
        attachment_error=words.reason(refusal, our_association()) if refusal else "",
    )


def _most_bytes() -> int | None:
    """What the body of an upload may weigh; somebody who is not signed in may send no more than anywhere."""
    return our_association().attachment_max_mb * MEGABYTE + ENVELOPE if current_user.is_authenticated else None


@bp.post("/situations/<uuid:case_id>/pieces")
@takes_files(_most_bytes)
def add(case_id: UUID) -> Any:
    """Look whether a file may come at all, clean it with nothing locked, and then keep it."""
    file = _being_written(case_id)
    try:
        _add(file)
    except FileRefused as refusal:
        db.session.rollback()
        return _page(visible_case(case_id), refusal), 422
    except AlreadySubmitted:
        flash(_("Cette situation est déjà soumise."))
        return redirect(url_for("cases.case", case_id=case_id))
    commit()
    flash(_("La pièce est jointe, nettoyée et scellée."))
    return redirect(url_for("case_writing.edit", case_id=case_id, _anchor="pieces"))


def _add(file: CaseFile) -> None:
    association, most = our_association(), our_association().attachment_max_mb
    present = queries.lines(permissions.visible_attachments(me(), file), file.seal(keyring()))
    refuse_more(present=len(present), most=association.attachment_max_count)
    name, content = _sent()
    refuse_larger(len(content), most)
    release()  # cleaning takes seconds, in which nobody else is to wait
    cleaned = workshop.clean(content)
    refuse_larger(len(cleaned.content), most)
    name = display_name(name, cleaned.extension, unnamed=_("pièce"))
    limit = association.attachment_max_count
    actions.add(file=file, cleaned=cleaned, name=name, most=limit, keyring=keyring(), now=clock.now())


def _sent() -> tuple[str, bytes]:
    sent = request.files.getlist("piece")
    if len(sent) != 1 or len(list(request.files.items(multi=True))) != 1:
        raise Empty
    return sent[0].filename or "", sent[0].read()


@bp.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Any:
    """Too large to be read at all: said at the field all the same. Nothing of it was looked at, the token included."""
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    try:
        return _page(_being_written((request.view_args or {})["case_id"]), TooLarge()), 413
    except HTTPException as trouble:  # Flask does not look after what is raised here
        return current_app.handle_http_exception(trouble)


def _being_written(case_id: UUID) -> CaseFile:
    file = visible_case(case_id)
    if not permissions.can_attach(me(), file, our_association(), moves(file)):
        abort(403)
    return file


@bp.post("/situations/<uuid:case_id>/pieces/<uuid:attachment_id>/retirer")
def remove(case_id: UUID, attachment_id: UUID) -> Any:
    file = visible_case(case_id)
    line = _visible(file, attachment_id)
    if not permissions.can_remove_attachment(me(), file):
        abort(403)
    try:
        actions.remove(attachment_id=line.id)
    except AlreadySubmitted:
        flash(_("Cette pièce est soumise avec la situation : elle ne se retire plus."))
        return redirect(url_for("cases.case", case_id=case_id))
    commit()
    flash(_("La pièce est détruite."))
    return redirect(url_for("case_writing.edit", case_id=case_id, _anchor="pieces"))


def _visible(file: CaseFile, attachment_id: UUID) -> AttachmentLine:
    if file.key is None:
        abort(404)
    line = queries.line(permissions.visible_attachments(me(), file), attachment_id, file.seal(keyring()))
    return line or abort(404)


@bp.get("/situations/<uuid:case_id>/pieces/<uuid:attachment_id>")
@writes
def attachment(case_id: UUID, attachment_id: UUID) -> Any:
    """Taking a file home is a reading of the case, and its author sees it."""
    file = visible_case(case_id)
    line = _visible(file, attachment_id)
    seal, bind, is_author = file.seal(keyring()), db.session.get_bind(), me().id == file.case.author_id
    if request.method == "HEAD":
        return _sent_home(line, ())
    release()  # the wait for one's turn, and the pieces after it, hold nothing
    try:
        parts = InTurn(queries.content(bind, line, seal))
    except Busy:
        flash(_("Une autre pièce est en train de partir. Réessayez dans un instant."))
        return redirect(url_for("cases.case", case_id=case_id))
    if not is_author:
        note_reading(file, "attachment")
    return _sent_home(line, parts)


def _sent_home(line: AttachmentLine, parts: Iterable[bytes]) -> Response:
    response = Response(parts, mimetype=line.media_type, headers=HEADERS)
    response.content_length = line.size
    response.headers.set("Content-Disposition", "attachment", **_names(line.name))
    return response


def _names(name: str) -> dict[str, str]:
    """The name twice (RFC 6266): in letters that every browser reads, and as it is (RFC 5987)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
