"""Publishing a version and answering it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from supervision.audit import actions as audit
from supervision.db import db
from supervision.deontology import queries
from supervision.deontology.models import Acknowledgement, Article, CodeVersion
from supervision.deontology.rules import (
    AnsweredAlready,
    ArticleText,
    NameDiffers,
    SupersededVersion,
    exact_text,
    same_name,
    text_sha256,
)
from supervision.ids import new_id
from supervision.people.models import Person

_TEXTS = ("title", "preamble", "summary", "sentence")


def publish(
    *, actor: Person | None, number: int, kind: str, effective_on: date, texts: Mapping[str, Any], now: datetime
) -> CodeVersion:
    """Publish a version. `texts` has the shape of `sample_code.toml`: two languages throughout."""
    both = {f"{name}_{language}": texts[f"{name}_{language}"] for name in _TEXTS for language in ("fr", "en")}
    version = CodeVersion(
        id=new_id(),
        number=number,
        kind=kind,
        effective_on=effective_on,
        published_at=now,
        published_by=actor.id if actor else None,
        **both,
    )
    version.articles = [_article(position, article) for position, article in enumerate(texts["article"], start=1)]
    db.session.add(version)
    db.session.flush()
    audit.record(
        actor_id=actor.id if actor else None,
        action="code-published",
        subject=f"code-version/{version.id}",
        now=now,
        number=number,
    )
    return version


def _article(position: int, article: Mapping[str, str]) -> Article:
    return Article(
        id=new_id(),
        position=position,
        slug=article["id"],
        title_fr=article["title_fr"],
        title_en=article["title_en"],
        body_fr=article["body_fr"],
        body_en=article["body_en"],
    )


def answer(
    *, person: Person, version: CodeVersion, language: str, typed_name: str, accepts: bool, now: datetime, today: date
) -> Acknowledgement:
    """Record a signature or a refusal of the version in force, with the hash of the text that was shown.

    Raises:
        SupersededVersion, AnsweredAlready, NameDiffers: nothing is recorded.
    """
    in_force = queries.version_in_force(today)
    if in_force is None or in_force.id != version.id:
        raise SupersededVersion
    given = queries.answer_to(version.id, person.id)
    if given is not None and (given.answer == "signed" or not accepts):
        raise AnsweredAlready
    if accepts and not same_name(typed_name, person.display_name):
        raise NameDiffers
    acknowledgement = Acknowledgement(
        id=new_id(),
        person_id=person.id,
        version_id=version.id,
        language=language,
        text_sha256=text_sha256(shown_text(version, language)),
        sentence=getattr(version, f"sentence_{language}"),
        typed_name=typed_name,
        answer="signed" if accepts else "refused",
        answered_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(acknowledgement)
    except IntegrityError as error:  # the same answer, from another tab, was quicker
        raise AnsweredAlready from error
    audit.record(
        actor_id=person.id, action=f"code-{acknowledgement.answer}", subject=f"code-version/{version.id}", now=now
    )
    return acknowledgement


def shown_text(version: CodeVersion, language: str) -> str:
    articles = [
        ArticleText(a.slug, getattr(a, f"title_{language}"), getattr(a, f"body_{language}")) for a in version.articles
    ]
    return exact_text(
        title=getattr(version, f"title_{language}"),
        preamble=getattr(version, f"preamble_{language}"),
        articles=articles,
        sentence=getattr(version, f"sentence_{language}"),
    )
