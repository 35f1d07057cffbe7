"""Answers given before there was a chain come out of the migration as one that holds, and that betrays a hand on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from supervision import cli, create_app
from supervision.audit import actions as audit
from supervision.db import db, declare
from supervision.deontology.authoring.actions import sample_code
from supervision.deontology.chain import queries as chain
from supervision.deontology.rules import ArticleText, exact_text, text_sha256
from supervision.ids import new_id
from tests.conftest import DATABASES, database_url, settings_for

pytestmark = pytest.mark.slow
AT = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
TEXTS = ("title", "preamble", "summary", "sentence")


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path, shared: Path, worker_id: str) -> Iterator[Flask]:
    declare(only_reading=False)
    with database_url(request.param, tmp_path, shared, f"old_answers_{worker_id}") as url:
        app = create_app(settings_for(tmp_path, url))
        cli.migrate.init_app(app, db)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def insert(table: str, **values: object) -> None:
    found = sa.Table(table, sa.MetaData(), autoload_with=db.engine)
    kinds = {c.name: sa.Uuid() if c.name == "id" or c.name.endswith(("_id", "_by")) else c.type for c in found.columns}
    columns = [sa.column(name, kinds[name]) for name in values]
    with db.engine.begin() as connection:
        connection.execute(sa.insert(sa.table(table, *columns)).values(values))


def publish_the_old_way(version: UUID) -> None:
    sample = sample_code()
    both = {f"{name}_{tag}": sample[f"{name}_{tag}"] for name in TEXTS for tag in ("fr", "en")}
    insert("code_version", id=version, number=1, kind="major", effective_on=AT.date(), published_at=AT, **both)
    for position, one in enumerate(sample["article"], 1):
        words = {name: one[name] for name in ("title_fr", "title_en", "body_fr", "body_en")}
        insert("article", id=new_id(), version_id=version, position=position, slug=one["id"], **words)


def answer_the_old_way(version: UUID, number: int, language: str, answer: str) -> None:
    sample, person = sample_code(), new_id()
    name = f"Une personne {number}"
    insert(
        "person", id=person, email=f"{number}@x.example", email_key=f"{number}@x.example", display_name=name,
        name_key=name.lower(), language=language, zone="Europe/Paris", created_at=AT,
    )  # fmt: skip
    articles = [ArticleText(a["id"], a[f"title_{language}"], a[f"body_{language}"]) for a in sample["article"]]
    words = {name: sample[f"{name}_{language}"] for name in ("title", "preamble", "sentence")}
    at = AT + timedelta(days=10 - number)  # the last to be written down was the first to answer
    insert(
        "acknowledgement", id=new_id(), person_id=person, version_id=version, language=language, answered_at=at,
        text_sha256=text_sha256(exact_text(articles=articles, **words)), typed_name=name, answer=answer,
        sentence=words["sentence"] if answer == "signed" else "",
    )  # fmt: skip
    audit.record(actor_id=person, action=f"code-{answer}", subject=f"code-version/{version}", now=at)
    db.session.commit()


@pytest.fixture
def migrated(empty: Flask) -> Flask:
    flask_migrate.upgrade(revision="0003")
    version = new_id()
    publish_the_old_way(version)
    answers = (("fr", "signed"), ("en", "refused"), ("en", "signed"), ("fr", "signed"))
    for number, (language, answer) in enumerate(answers, 1):
        answer_the_old_way(version, number, language, answer)
    flask_migrate.upgrade()
    return empty


def names_in_order() -> list[str]:
    with db.engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT typed_name FROM acknowledgement ORDER BY number")))


def test_they_are_a_chain_in_the_order_in_which_they_were_given(migrated: Flask) -> None:
    assert names_in_order() == [f"Une personne {number}" for number in (4, 3, 2, 1)]
    assert chain.found() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM acknowledgement WHERE number = 2", "answer 2 is missing"),
        ("UPDATE acknowledgement SET typed_name = 'X' WHERE number = 3", "answer 3 was altered"),
        ("DELETE FROM acknowledgement WHERE number = 4", "answer 4 of those given before"),
    ],
)
def test_a_hand_on_them_is_named(migrated: Flask, change: str, told: str) -> None:
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ALTER TABLE acknowledgement DISABLE TRIGGER acknowledgement_never_changes"))
        else:
            for verb in ("update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER acknowledgement_no_{verb}"))
        connection.execute(sa.text(change))
    assert [str(fault)[: len(told)] for fault in chain.found()][:1] == [told]
