"""The chain of answers: whoever gets past the triggers of the database is found, with the number of the answer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from supervision.audit.models import AuditEntry
from supervision.cli import check, check_answers
from supervision.db import db
from supervision.deontology import actions, queries
from supervision.deontology.actions import Given, chained
from supervision.deontology.chain import queries as chain
from supervision.deontology.models import Acknowledgement, Article, TextVersion
from supervision.deontology.rules import row_hash
from supervision.ids import new_id

Row = Acknowledgement


@pytest.fixture
def answers(app: Flask, cast: SimpleNamespace, now: Any, today: Any) -> None:
    """Five: Ana, Sam and Noor signed long ago; Lee refuses and signs. Then somebody has the database's password."""
    version = queries.version_by_number(1)
    assert version
    for answer in ("refused", "signed"):
        given = Given(answer=answer, language="en", typed_name="Lee Marchand")
        actions.answer(person=cast.lee, version=version, given=given, now=now, today=today)
    db.session.commit()
    unlock()


def unlock() -> None:
    for table in ("acknowledgement", "article", "text_version"):
        if db.session.get_bind().dialect.name == "postgresql":
            db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_never_changes"))
        else:
            for verb in ("update", "delete"):
                db.session.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
    db.session.commit()


def found() -> list[str]:
    db.session.commit()
    told = [str(fault) for fault in chain.found()]
    db.session.commit()
    return told


def do(change: Any) -> None:
    db.session.execute(change, execution_options={"synchronize_session": False})
    db.session.commit()


def row(number: int) -> Any:
    return db.session.scalars(select(Row).where(Row.number == number).execution_options(populate_existing=True)).one()


def of(which: int, /, **values: Any) -> Any:
    return update(Row).where(Row.number == which).values(**values)


def rewritten(number: int, **values: Any) -> None:
    """Change an answer and compute its hash, and all that follow, anew."""
    do(of(number, **values))
    previous = row(number).previous_hash
    for later in range(number, 6):
        changed = row(later)
        changed_hash = row_hash(chained(changed), previous)
        do(of(later, previous_hash=previous, row_hash=changed_hash))
        previous = changed_hash


def test_an_untouched_chain_is_whole(answers: None) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("answer", "refused"),
        ("typed_name", "Ana Ferreirb"),  # one letter
        ("language", "en"),
        ("sentence", "Je ne m’engage à rien."),
        ("code", "2" * 16),
        ("shown", "articles"),
        ("authenticated_how", "passwor"),
    ],
)
def test_an_altered_answer_is_named(answers: None, column: str, value: str) -> None:
    do(of(1, **{column: value}))
    assert [line for line in found() if "was altered: its content" in line] == [
        "answer 1 was altered: its content does not have the hash that is kept with it"
    ]


def test_one_byte_of_a_hash_is_enough(answers: None) -> None:
    do(of(2, row_hash=row(2).row_hash[:-1] + ("0" if row(2).row_hash[-1] != "0" else "1")))
    assert {line.split()[1] for line in found()} == {"2", "3"}


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ([1], ["answer 1 is missing"]),
        ([3], ["answer 3 is missing"]),
        ([2, 3, 4], ["answers 2 to 4 are missing"]),
        ([5], ["answer 5 is missing"]),
        ([4, 5], ["answers 4 to 5 are missing"]),
    ],
)
def test_a_deleted_answer_is_named_at_the_end_too(answers: None, gone: list[int], told: list[str]) -> None:
    do(delete(Row).where(Row.number.in_(gone)))
    assert found() == told


def test_two_answers_that_changed_places_are_named(answers: None) -> None:
    do(of(2, number=99))
    do(of(3, number=2))
    do(of(99, number=3))
    altered = [line.split()[1] for line in found() if "was altered" in line]
    assert altered == ["2", "3"]


def test_an_answer_put_in_at_the_end_is_named(answers: None) -> None:
    last = row(5)
    values = {column.key: getattr(last, column.key) for column in Row.__table__.columns}
    made = Row(**values | {"id": new_id(), "number": 6, "code": "3" * 16, "previous_hash": last.row_hash})
    made.row_hash = row_hash(chained(made), made.previous_hash)
    do(insert(Row).values({column.key: getattr(made, column.key) for column in Row.__table__.columns}))
    assert found() == ["answer 6 is not in the record of acts: it was put in past the application"]


def test_whoever_computes_every_hash_anew_is_betrayed_by_the_record(answers: None) -> None:
    rewritten(3, typed_name="Sam Delcourt")
    assert [line.split()[1] for line in found() if "is not the one in the record" in line] == ["3", "4", "5"]


def test_an_altered_text_is_named_with_each_answer_to_it(answers: None) -> None:
    do(update(Article).where(Article.position == 4).values(body_fr=Article.body_fr + " Sauf le dimanche."))
    assert [line.split()[1] for line in found()] == ["1", "2", "3"]  # the French ones
    assert all("another hash than its text" in line for line in found())


def test_an_altered_sentence_of_the_text_is_named(answers: None) -> None:
    do(update(TextVersion).values(sentence_en="I promise nothing."))
    assert {line for line in found() if "answer 5" in line} == {
        "answer 5 holds another hash than its text has: the text, or the answer, was altered",
        "answer 5 holds another sentence than its text has",
    }


def test_the_commands_name_it_and_fail(answers: None, app: Flask) -> None:
    runner: Callable[..., Any] = app.test_cli_runner().invoke
    whole = runner(check_answers, [])
    do(delete(Row).where(Row.number == 2))
    torn, everything = runner(check_answers, []), runner(check, [])
    assert (whole.exit_code, whole.output) == (0, "Every answer is as it was given, and none is missing.\n")
    assert (torn.exit_code, everything.exit_code) == (1, 1)
    assert "answer 2 is missing" in torn.output
    assert "answer 2 is missing" in everything.output


def test_the_record_holds_the_number_and_the_hash_of_each_answer(answers: None) -> None:
    facts = db.session.scalars(select(AuditEntry.facts).where(AuditEntry.action.startswith("code-"))).all()
    kept = {entry["number"]: entry["row_hash"] for entry in facts if "row_hash" in entry}
    assert kept == {number: row(number).row_hash for number in range(1, 6)}
    db.session.commit()
