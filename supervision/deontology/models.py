"""Versions of the code of ethics and the answers people gave to them. Nothing here is ever changed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base
from supervision.ids import new_id


class CodeVersion(Base):
    __tablename__ = "code_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str]  # major: sign again · minor: be informed
    effective_on: Mapped[date] = mapped_column(unique=True)
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    title_fr: Mapped[str]
    title_en: Mapped[str]
    preamble_fr: Mapped[str]
    preamble_en: Mapped[str]
    summary_fr: Mapped[str]
    summary_en: Mapped[str]
    sentence_fr: Mapped[str]
    sentence_en: Mapped[str]

    articles: Mapped[list[Article]] = relationship(order_by="Article.position")

    __table_args__ = (CheckConstraint("kind IN ('major', 'minor')", name="kind_known"),)


class Article(Base):
    __tablename__ = "article"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("code_version.id"))
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


class Acknowledgement(Base):
    """An answer: which text, in which language, which words agreed to, by whom, when. A refusal is an answer too."""

    __tablename__ = "acknowledgement"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("code_version.id"))
    language: Mapped[str]
    text_sha256: Mapped[str]
    sentence: Mapped[str]
    typed_name: Mapped[str]
    answer: Mapped[str]  # signed | refused
    answered_at: Mapped[datetime]

    version: Mapped[CodeVersion] = relationship()

    __table_args__ = (
        UniqueConstraint("person_id", "version_id", "answer"),
        CheckConstraint("answer IN ('signed', 'refused')", name="answer_known"),
    )
