"""Texts that people are asked to accept: the code of ethics and others. Versions, articles and answers never change."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base
from supervision.ids import new_id


class TextKind(Base):
    """A text that has versions. The code of ethics is one of them: `rules.CODE`."""

    __tablename__ = "text_kind"

    slug: Mapped[str] = mapped_column(primary_key=True)  # in its addresses, for ever
    name_fr: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]
    is_public: Mapped[bool]  # strangers read it too
    has_consequences: Mapped[bool]  # whoever does not accept it in time brings nothing new
    retired_at: Mapped[datetime | None]  # nobody is asked any more; what was signed stays


class TextVersion(Base):
    __tablename__ = "text_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(ForeignKey("text_kind.slug"))
    number: Mapped[int]
    change: Mapped[str]  # major: sign again · minor: be informed
    effective_on: Mapped[date]
    grace_days: Mapped[int]  # from the effective day: nothing changes for whoever has not answered yet
    hidden_days: Mapped[int]  # after the grace: no new case, no new booking; then also hidden from the directory
    bound_roles: Mapped[str]  # separated by commas; empty: every member
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None: the command line
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    title_fr: Mapped[str]
    title_en: Mapped[str]
    preamble_fr: Mapped[str]
    preamble_en: Mapped[str]
    summary_fr: Mapped[str]
    summary_en: Mapped[str]
    sentence_fr: Mapped[str]
    sentence_en: Mapped[str]

    articles: Mapped[list[Article]] = relationship(order_by="Article.position")

    __table_args__ = (
        CheckConstraint("change IN ('major', 'minor')", name="change_known"),
        CheckConstraint("grace_days BETWEEN 0 AND 730 AND hidden_days BETWEEN 0 AND 730", name="days_sensible"),
        UniqueConstraint("kind", "number", name="uq_text_version_number"),
        UniqueConstraint("kind", "effective_on", name="uq_text_version_effective_on"),
    )


class Article(Base):
    __tablename__ = "article"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("text_version.id"))
    position: Mapped[int]
    slug: Mapped[str]  # the same article keeps it from version to version
    title_fr: Mapped[str]
    title_en: Mapped[str]
    body_fr: Mapped[str]
    body_en: Mapped[str]

    __table_args__ = (
        UniqueConstraint("version_id", "slug"),
        UniqueConstraint("version_id", "position", name="uq_article_position"),
    )


class TextDraft(Base):
    """The next version of a text, while the committee writes it. One for each text."""

    __tablename__ = "text_draft"

    kind: Mapped[str] = mapped_column(ForeignKey("text_kind.slug"), primary_key=True)
    content: Mapped[dict[str, Any]]  # titles, preamble, summary, sentence and articles, in both languages
    change: Mapped[str]
    effective_on: Mapped[date | None]
    grace_days: Mapped[int]
    hidden_days: Mapped[int]
    bound_roles: Mapped[str]
    revision: Mapped[int]
    edited_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    edited_at: Mapped[datetime]
    review_asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    review_asked_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # of exactly this revision
    approved_at: Mapped[datetime | None]
    remark: Mapped[str | None]  # what the second member would like changed
    returned_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # whose remark it is
    returned_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("change IN ('major', 'minor')", name="change_known"),
        CheckConstraint("approved_by <> review_asked_by", name="two_people"),
    )


class Acknowledgement(Base):
    """An answer: which text, in which language, which words agreed to, by whom, when, and how that is known.

    A refusal is an answer too. All answers are one chain: each holds the hash of the one before it.
    """

    __tablename__ = "acknowledgement"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)  # without gaps; the number of its receipt
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("text_version.id"))
    language: Mapped[str]
    text_sha256: Mapped[str]
    sentence: Mapped[str]
    typed_name: Mapped[str]
    answer: Mapped[str]  # signed | refused | informed (of a minor version) | withdrawn (of a signature)
    # whole: to its end · articles: one by one · none: not asked for this answer · before: earlier than this was kept
    shown: Mapped[str]
    authenticated_how: Mapped[str]  # password | session (before passwords were asked again)
    authenticated_at: Mapped[datetime | None]
    code: Mapped[str] = mapped_column(unique=True)  # whoever holds it may verify the receipt
    answered_at: Mapped[datetime]
    previous_hash: Mapped[str]
    row_hash: Mapped[str]

    version: Mapped[TextVersion] = relationship()

    __table_args__ = (
        CheckConstraint("answer IN ('signed', 'refused', 'informed', 'withdrawn')", name="answer_known"),
        Index("ix_acknowledgement_person_id_version_id", "person_id", "version_id"),
        # All that the list of a version asks of its answers: a hundred thousand of them are read from the index alone.
        Index("ix_acknowledgement_version_id", "version_id", "person_id", "number", "answer", "answered_at"),
    )


class Extension(Base):
    """More time for one person to answer one version, or none asked of her (`until_on` empty), for a reason."""

    __tablename__ = "text_extension"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("text_version.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    until_on: Mapped[date | None]  # the last day of grace; None: exempt from this version
    reason: Mapped[str]
    granted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (
        CheckConstraint("granted_by <> person_id", name="not_oneself"),
        Index("ix_text_extension_person_id", "person_id"),
    )
