"""A version as a PDF, in either language: the same bytes for ever, so that whoever has them is not sent them again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, request

from supervision import i18n
from supervision.db import db
from supervision.deontology.doors import open_version
from supervision.deontology.printing.content import document, etag
from supervision.deontology.rules import CODE
from supervision.doors import public
from supervision.typesetting import press
from supervision.typesetting.document import Document

bp = Blueprint("printing", __name__)
PDF = "version-<int(max=9999):number>/pdf"
KEPT_SET = 32  # documents of some 100 kB that a process keeps: a public page is not set anew for everyone who asks
SOON = 60  # seconds


@bp.get(f"/deontologie/{PDF}-fr", defaults={"kind": CODE, "language": "fr"})
@bp.get(f"/deontologie/{PDF}-en", defaults={"kind": CODE, "language": "en"})
@bp.get(f"/textes/<kind>/{PDF}-fr", defaults={"language": "fr"})
@bp.get(f"/textes/<kind>/{PDF}-en", defaults={"language": "en"})
@public
def pdf(kind: str, number: int, language: str) -> Any:
    text, version = open_version(kind, number)
    tag = etag(version, language)
    response = Response(content_type="application/pdf")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "public, no-cache" if text.is_public else "private, no-cache"
    if request.if_none_match.contains(tag):
        return response.make_conditional(request)
    name = f"{kind}-version-{number}-{language}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    with i18n.speaking(language, i18n.DEFAULT_ZONE):
        whole = document(version, language)
    db.session.rollback()  # no connection is held while the pages are set
    response.set_data(_made(whole))
    return response.make_conditional(request)


def _made(whole: Document) -> bytes:
    try:
        return _set(whole)
    except press.NotSet:
        abort(503, retry_after=SOON)


@lru_cache(maxsize=KEPT_SET)
def _set(whole: Document) -> bytes:
    return press.pdf(whole)
