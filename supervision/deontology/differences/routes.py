"""What changed between two versions of a text: a page that everyone who may read the text may read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_login import current_user

from supervision import i18n
from supervision.deontology import queries
from supervision.deontology.differences import texts
from supervision.deontology.differences.rules import runs
from supervision.deontology.doors import open_kind, our_day
from supervision.deontology.reading import queries as reading
from supervision.deontology.reading import rules
from supervision.deontology.rules import CODE
from supervision.doors import compressed, public
from supervision.sign_in.current import me

bp = Blueprint("differences", __name__)
BETWEEN = "version-<int(max=9999):number>/depuis-<int(max=9999):since>"


@bp.get(f"/deontologie/{BETWEEN}", defaults={"kind": CODE})
@bp.get(f"/textes/<kind>/{BETWEEN}")
@public
def between(kind: str, number: int, since: int) -> Any:
    """From the earlier to the later one, whichever was named first."""
    if since > number:
        return redirect(url_for(".between", kind=kind, number=since, since=number))
    text, language = open_kind(kind), i18n.current_language()
    if since == number:
        abort(404)
    old, new = (queries.version_by_number(one, kind) or abort(404) for one in (since, number))
    found = queries.versions(kind)
    comparison = texts.comparison(old, new, language)
    page = render_template(
        "deontology/differences.html",
        kind=text,
        old=old,
        new=new,
        comparison=comparison,
        runs=runs(comparison.articles),
        paragraphs=texts.paragraphs,
        numbers=sorted(version.number for version in found),
        summaries=[one for one in reversed(found) if since < one.number <= number],
        standing=rules.standings(found, our_day())[number],
        signed=reading.signed_numbers(me().id).get(kind) if current_user.is_authenticated else None,
        language=language,
    )
    return compressed(page)


@bp.get("/deontologie/depuis-ma-signature", defaults={"kind": CODE})
@bp.get("/textes/<kind>/depuis-ma-signature")
def since_mine(kind: str) -> Any:
    """From the version that I signed to the newest one, be it only announced: where a mail may lead."""
    open_kind(kind)
    newest = next(iter(queries.versions(kind)), None)
    signed = reading.signed_before(me().id, newest) if newest else None
    if newest is None or signed is None:
        return redirect(url_for("deontology.code_in_force", kind=kind))
    return redirect(url_for(".between", kind=kind, number=newest.number, since=signed))
