"""Answering the code: signing, refusing, changing one's mind; old tabs, wrong names; what is kept of it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from supervision.db import db
from supervision.deontology import actions, queries
from supervision.deontology.models import Acknowledgement, Article, TextVersion
from supervision.deontology.rules import AnsweredAlready, same_name
from supervision.people.models import Person
from tests.client import FreshClient
from tests.deontology.readers import read_everything
from tests.facts import acts, at_once, one, rows

As = Callable[[Person], FreshClient]
DOOR = "/deontologie/version-1/reponse"
SAMPLE = tomllib.loads(Path(actions.__file__).with_name("sample_code.toml").read_text())


@pytest.fixture
def as_(as_: As) -> As:
    """In these tests everyone has read to the end: `signing` says what becomes of those who have not."""

    def reader(person: Person) -> FreshClient:
        read_everything(person)
        return as_(person)

    return reader


def signature(name: str = "Lee Marchand", **changes: Any) -> dict[str, str]:
    return {"language": "en", "answer": "signed", "agrees": "y", "typed_name": name, **changes}


def refusal(name: str = "Lee Marchand") -> dict[str, str]:
    return {"language": "en", "answer": "refused", "typed_name": name}


def answers_of(person: Person) -> list[str]:
    of_person = select(Acknowledgement.answer).where(Acknowledgement.person_id == person.id)
    return rows(of_person.order_by(Acknowledgement.id))


def has_signed(person: Person, today: date) -> bool:
    found = queries.has_signed(person.id, today)
    db.session.commit()
    return found


def publish(number: int, change: str, effective_on: date, now: datetime) -> TextVersion:
    made = actions.publish(actor=None, number=number, change=change, effective_on=effective_on, texts=SAMPLE, now=now)
    db.session.commit()
    return made


# --- signing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_signature_keeps_the_exact_text_that_was_shown(
    as_: As, cast: SimpleNamespace, today: date, language: str
) -> None:
    answer = as_(cast.lee).post(DOOR, data=signature(language=language))
    articles = [f"{a['id']}\n{a[f'title_{language}']}\n{a[f'body_{language}']}" for a in SAMPLE["article"]]
    parts = [SAMPLE[f"title_{language}"], SAMPLE[f"preamble_{language}"], *articles, SAMPLE[f"sentence_{language}"]]
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    kept = one(select(Acknowledgement).where(Acknowledgement.person_id == cast.lee.id))
    assert (answer.status_code, answer.location) == (302, f"/engagements/{kept.number}")
    assert (kept.answer, kept.language, kept.sentence) == ("signed", language, SAMPLE[f"sentence_{language}"])
    assert (kept.typed_name, kept.text_sha256) == ("Lee Marchand", hashlib.sha256(text.encode()).hexdigest())
    assert has_signed(cast.lee, today)
    assert [act[:2] for act in acts("code-signed")][-1] == ("code-signed", cast.lee.id)


def test_a_refusal_is_kept_and_may_be_followed_by_a_signature(as_: As, cast: SimpleNamespace, today: date) -> None:
    lee = as_(cast.lee)
    lee.post(DOOR, data=refusal())
    between = has_signed(cast.lee, today)
    lee.post(DOOR, data=signature())
    assert (answers_of(cast.lee), between, has_signed(cast.lee, today)) == (["refused", "signed"], False, True)


@pytest.mark.parametrize("first", ["signed", "refused"])
def test_the_same_answer_again_changes_nothing(as_: As, cast: SimpleNamespace, first: str) -> None:
    lee, form = as_(cast.lee), signature() if first == "signed" else refusal()
    lee.post(DOOR, data=form)
    again = lee.post(DOOR, data=form)
    assert (again.status_code, again.location, answers_of(cast.lee)) == (302, "/deontologie", [first])


def test_whoever_has_signed_does_not_refuse_afterwards(as_: As, cast: SimpleNamespace) -> None:
    as_(cast.ana).post(DOOR, data=refusal("Ana Ferreira"))
    assert answers_of(cast.ana) == ["signed"]


def test_a_double_click_signs_once(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        lee = one(select(Person).where(Person.email_key == "lee@rives.example"))
        clients: list[Any] = [app.test_client() for _ in range(4)]
        read_everything(lee)
        for client in clients:
            client.sign_in(lee)
    answers = at_once(*(lambda c=client: c.post(DOOR, data=signature()) for client in clients))
    assert sorted(answer.location for answer in answers) == [*["/deontologie"] * 3, "/engagements/4"]
    with app.app_context():
        assert answers_of(lee) == ["signed"]
        assert len([act for act in acts("code-signed") if act[1] == lee.id]) == 1


def test_an_answer_that_comes_second_is_told_so_and_not_that_something_broke(
    app: Flask, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    version = queries.version_by_number(1)
    assert version
    given = actions.Given(answer="signed", language="fr", typed_name="Lee Marchand")
    actions.answer(person=cast.lee, version=version, given=given, now=now, today=today)
    with pytest.raises(AnsweredAlready):
        actions.answer(person=cast.lee, version=version, given=given, now=now, today=today)
    db.session.commit()
    assert answers_of(cast.lee) == ["signed"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agrees": None}, "agrees"),
        ({"typed_name": "Ana Ferreira"}, "typed_name"),
        ({"typed_name": ""}, "typed_name"),
        ({"typed_name": " \u200b "}, "typed_name"),
        ({"typed_name": "L" * 5000}, "typed_name"),
        ({"answer": None}, "answer"),
        ({"answer": "perhaps"}, "answer"),
        ({"language": "de"}, ""),
        ({"language": None}, ""),
    ],
)
def test_an_answer_that_is_not_whole_is_told_at_its_field(
    as_: As, cast: SimpleNamespace, changes: dict[str, str | None], field: str
) -> None:
    form = {name: value for name, value in (signature() | changes).items() if value is not None}
    answer = as_(cast.lee).post(DOOR, data=form)
    marked = set(re.findall(r'id="(\w+)-error"', answer.text))
    assert (answer.status_code, marked, answers_of(cast.lee)) == (422, {field} - {""}, [])


def test_the_sentence_of_engagement_is_named_in_the_summary(as_: As, cast: SimpleNamespace) -> None:
    page = as_(cast.ana).post(DOOR, data={k: v for k, v in signature("Ana Ferreira").items() if k != "agrees"}).text
    assert ('<a href="#agrees">La phrase d’engagement</a>' in page, "Agrees" in page) == (True, False)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("lee marchand", True),
        ("  LEE   Marchand ", True),
        ("Lée Marchand", True),
        ("Lee", False),
        ("LeeMarchand", False),
    ],
)
def test_a_name_is_ones_own_however_it_is_written(as_: As, cast: SimpleNamespace, typed: str, same: bool) -> None:
    as_(cast.lee).post(DOOR, data=signature(typed))
    assert answers_of(cast.lee) == (["signed"] if same else [])


@given(st.text())
def test_any_name_is_the_same_as_itself_with_other_spaces(name: str) -> None:
    assert same_name(f"  {name}\t", name)


def test_a_stranger_answers_nothing(visitor: FreshClient, cast: SimpleNamespace) -> None:
    before = len(rows(select(Acknowledgement.id)))
    assert visitor.post(DOOR, data=signature()).status_code == 401
    assert len(rows(select(Acknowledgement.id))) == before


# --- versions ---------------------------------------------------------------------------------------------------------


def test_an_old_tab_is_told_that_another_version_is_in_force(
    as_: As, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    publish(2, "major", today, now)
    lee = as_(cast.lee)
    answer = lee.post(DOOR, data=signature())
    assert (answer.location, answers_of(cast.lee)) == ("/deontologie/signer", [])
    assert 'class="flash' in lee.get("/deontologie/signer").text


def test_a_version_that_is_not_in_force_yet_is_read_and_not_signed(
    as_: As, visitor: FreshClient, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    publish(2, "major", today + timedelta(days=1), now)
    answer = as_(cast.lee).post("/deontologie/version-2/reponse", data=signature())
    assert (visitor.get("/deontologie/version-2").status_code, answer.status_code) == (200, 302)
    assert answers_of(cast.lee) == []


@pytest.mark.parametrize(("kind", "still"), [("minor", True), ("major", False)])
def test_a_major_version_is_signed_again_and_a_minor_one_is_not(
    app: Flask, cast: SimpleNamespace, now: datetime, today: date, kind: str, still: bool
) -> None:
    publish(2, kind, today, now)
    assert [has_signed(cast.ana, today - timedelta(days=1)), has_signed(cast.ana, today)] == [True, still]


def test_a_signature_of_a_minor_version_counts_for_the_major_one_it_follows(
    as_: As, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    publish(2, "minor", today, now)
    as_(cast.lee).post("/deontologie/version-2/reponse", data=signature())
    assert has_signed(cast.lee, today)


@pytest.mark.parametrize(
    "number",
    ["0", "2", "9999", "10000", "2147483648", "9" * 40, "9" * 5000, "-1", "x", "1.0"],
    ids=lambda value: value[:16],
)
def test_a_version_that_does_not_exist_is_not_found(
    as_: As, visitor: FreshClient, cast: SimpleNamespace, number: str
) -> None:
    assert visitor.get(f"/deontologie/version-{number}").status_code == 404
    assert as_(cast.ana).post(f"/deontologie/version-{number}/reponse", data=signature()).status_code == 404


def test_everyone_reads_the_code_in_her_language(visitor: FreshClient, cast: SimpleNamespace) -> None:
    pages = [visitor.get("/deontologie", headers={"Accept-Language": tag}).text for tag in ("fr", "en", "de")]
    titles = [re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)[1].strip() for page in pages]  # type: ignore[index]
    assert titles == [SAMPLE["title_fr"], SAMPLE["title_en"], SAMPLE["title_fr"]]
    assert all(page.count("<h2>") == len(SAMPLE["article"]) for page in pages)


# --- never changed ----------------------------------------------------------------------------------------------------

CHANGES = {
    "text_version, changed": update(TextVersion).values(title_fr="autre"),
    "text_version, deleted": delete(TextVersion),
    "article, changed": update(Article).values(body_fr="autre"),
    "article, deleted": delete(Article),
    "acknowledgement, changed": update(Acknowledgement).values(answer="refused"),
    "acknowledgement, deleted": delete(Acknowledgement),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_refuses_to_change_what_is_published_or_signed(
    app: Flask, cast: SimpleNamespace, change: str
) -> None:
    with pytest.raises(IntegrityError, match="never change"), db.session.begin_nested():
        db.session.execute(CHANGES[change])
    db.session.commit()
    assert one(select(TextVersion.title_fr)) == SAMPLE["title_fr"]
    assert answers_of(cast.ana) == ["signed"]
