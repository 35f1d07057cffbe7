"""The author takes a copy along: the whole of a case as a PDF or as Markdown, made in memory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort

from supervision import permissions
from supervision.cases.doors import visible_case
from supervision.cases.queries import CaseFile
from supervision.doors import writes
from supervision.sign_in.current import me

bp = Blueprint("case_export", __name__)


@bp.get("/situations/<uuid:case_id>/exporter/markdown")
@writes
def markdown(case_id: UUID) -> Any:
    _mine(case_id)
    abort(501)


@bp.get("/situations/<uuid:case_id>/exporter/pdf")
@writes
def pdf(case_id: UUID) -> Any:
    _mine(case_id)
    abort(501)


def _mine(case_id: UUID) -> CaseFile:
    file = visible_case(case_id)
    if not permissions.can_export(me(), file):
        abort(403)
    return file
