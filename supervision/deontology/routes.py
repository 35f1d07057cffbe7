"""Doors to reading the texts, the code of ethics first: everyone reads."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from supervision import clock, i18n
from supervision.deontology import queries
from supervision.deontology.consequences import queries as consequences
from supervision.deontology.doors import open_kind, open_version, our_day
from supervision.deontology.models import TextKind, TextVersion
from supervision.deontology.reading import queries as reading
from supervision.deontology.reading import rules
from supervision.deontology.rules import CODE
from supervision.doors import compressed, public
from supervision.sign_in.current import me, today

bp = Blueprint("deontology", __name__)
VERSION = "version-<int(max=9999):number>"


@bp.get("/deontologie", defaults={"kind": CODE})
@bp.get("/textes/<kind>")
@public
def code_in_force(kind: str) -> Any:
    """The version in force; before the first one, that it is announced or awaited."""
    text, day = open_kind(kind), our_day()
    version = queries.version_in_force(day, kind, with_articles=True)
    if version is not None:
        return _page(text, version, day)
    versions = queries.versions(kind)
    return render_template("deontology/none.html", kind=text, versions=versions)


@bp.get(f"/deontologie/{VERSION}", defaults={"kind": CODE})
@bp.get(f"/textes/<kind>/{VERSION}")
@public
def version(kind: str, number: int) -> Any:
    return _page(*open_version(kind, number), our_day())


def _page(kind: TextKind, version: TextVersion, day: date) -> Response:
    standings = rules.standings(queries.versions(kind.slug), day)
    answer = queries.answer_to(version.id, me().id) if current_user.is_authenticated else None
    page = render_template(
        "deontology/code.html",
        kind=kind,
        version=version,
        standing=standings[version.number],
        standings=standings,
        in_force=rules.number_in_force(standings.values()),
        language=i18n.current_language(),
        answer=answer,
        since=reading.signed_before(me().id, version) if current_user.is_authenticated else None,
        must_sign=_is_asked(kind, version, day),
    )
    return compressed(page)


def _is_asked(kind: TextKind, version: TextVersion, day: date) -> bool:
    """Whether the person who reads is asked to sign exactly what she reads."""
    if not current_user.is_authenticated:
        return False
    duties = consequences.duties_of(me().id, day)
    return any(duty.is_asked and duty.kind == kind.slug and duty.number <= version.number for duty in duties)


@bp.get(f"/deontologie/{VERSION}/<article>", defaults={"kind": CODE})
@bp.get(f"/textes/<kind>/{VERSION}/<article>")
@public
def article(kind: str, number: int, article: str) -> Any:
    """One article of one version: an address that one may quote, and that always shows the same words."""
    text, version = open_version(kind, number)
    try:
        at, before, after = rules.neighbours([one.slug for one in version.articles], article)
    except ValueError:
        abort(404)
    standings = rules.standings(queries.versions(kind), our_day())
    return render_template(
        "deontology/article.html",
        kind=text,
        version=version,
        article=version.articles[at],
        before=version.articles[before] if before is not None else None,
        after=version.articles[after] if after is not None else None,
        standing=standings[number],
        elsewhere=reading.numbers_with(article, kind),
        in_force=rules.number_in_force(standings.values()),
        language=i18n.current_language(),
    )


@bp.get("/deontologie/versions", defaults={"kind": CODE})
@bp.get("/textes/<kind>/versions")
@public
def versions(kind: str) -> Any:
    text = open_kind(kind)
    found = queries.versions(kind)
    return render_template(
        "deontology/versions.html",
        kind=text,
        versions={version.number: version for version in found},
        standings=rules.standings(found, our_day()),
        language=i18n.current_language(),
    )


@bp.get("/textes")
def texts() -> Any:
    """What one is asked to accept, and where one stands with it."""
    day = today(clock.now())
    return render_template(
        "deontology/texts.html",
        kinds=queries.kinds(),
        in_force=reading.versions_in_force(day),
        duties={duty.kind: duty for duty in consequences.duties_of(me().id, day)},
        signed=reading.signed_numbers(me().id),
        language=i18n.current_language(),
    )
