"""What the committee's workshop asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, tuple_

from supervision.db import db
from supervision.deontology.authoring.editing import LANGUAGES, TEXTS, Content, begun_from
from supervision.deontology.authoring.rules import Last, Terms
from supervision.deontology.models import Article, TextDraft, TextKind, TextVersion

WORDS = tuple(f"{name}_{language}" for name in TEXTS for language in LANGUAGES)


def draft(kind: str) -> TextDraft | None:
    return db.session.get(TextDraft, kind, populate_existing=True)


def held_draft(kind: str) -> TextDraft | None:
    """The draft, which no other transaction may take now; SQLite's writers are alone by nature."""
    mine = select(TextDraft).where(TextDraft.kind == kind).with_for_update()
    return db.session.scalar(mine.execution_options(populate_existing=True))


def all_kinds() -> Sequence[TextKind]:
    """Those that are retired, too."""
    return db.session.scalars(select(TextKind).order_by(TextKind.position, TextKind.slug)).all()


def drafts() -> dict[str, TextDraft]:
    return {draft.kind: draft for draft in db.session.scalars(select(TextDraft))}


def last_version(kind: str) -> TextVersion | None:
    """The one that was published last, in force or to come."""
    published = select(TextVersion).where(TextVersion.kind == kind)
    return db.session.scalar(published.order_by(TextVersion.number.desc()).limit(1))


def last_versions() -> dict[str, TextVersion]:
    """The same of every text."""
    numbers = select(TextVersion.kind, func.max(TextVersion.number)).group_by(TextVersion.kind)
    newest = select(TextVersion).where(tuple_(TextVersion.kind, TextVersion.number).in_(numbers))
    return {version.kind: version for version in db.session.scalars(newest)}


def last(version: TextVersion | None) -> Last | None:
    return Last(version.number, version.effective_on) if version is not None else None


def ids_ever(kind: str) -> set[str]:
    """Ids that articles of any published version have."""
    published = select(Article.slug).join(TextVersion, TextVersion.id == Article.version_id)
    return set(db.session.scalars(published.where(TextVersion.kind == kind).distinct()))


def content_of(version: TextVersion) -> Content:
    """The words of a version, in the shape of a draft."""
    articles = [
        {
            "id": article.slug,
            "title_fr": article.title_fr,
            "title_en": article.title_en,
            "body_fr": article.body_fr,
            "body_en": article.body_en,
        }
        for article in version.articles
    ]
    return begun_from({**{name: getattr(version, name) for name in WORDS}, "article": articles})


def terms_of(draft: TextDraft) -> Terms:
    return Terms(
        change=draft.change,
        effective_on=draft.effective_on,
        grace_days=draft.grace_days,
        hidden_days=draft.hidden_days,
        bound_roles=tuple(filter(None, draft.bound_roles.split(","))),
    )


def as_version(content: dict[str, Any], terms: Terms, *, kind: str, number: int) -> TextVersion:
    """A version that no database knows, for pages that show one."""
    version = TextVersion(
        kind=kind,
        number=number,
        change=terms.change,
        effective_on=terms.effective_on,
        grace_days=terms.grace_days,
        hidden_days=terms.hidden_days,
        bound_roles=",".join(terms.bound_roles),
        **{name: content[name] for name in WORDS},
    )
    version.articles = [
        Article(position=place, slug=each["id"], **{name: each[name] for name in each if name not in {"id", "removed"}})
        for place, each in enumerate(content["article"], 1)
    ]
    return version
