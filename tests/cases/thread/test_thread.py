"""The trainee's thread: what she asked, heard and tried, and which competences she looked at. Hers alone."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from supervision.cases.feedback import actions as feedback
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.retention import actions as retention
from supervision.cases.thread.rules import Competence, Quarter, latest, picture, table
from supervision.crypto import Keyring
from supervision.db import db
from tests import desk
from tests.client import FreshClient

DAY = timedelta(days=1)
DOOR = "/mon-fil"
HEARD, TRIED = "Vous demandez ce que vous avez évité.", "J’ai nommé le silence."


@pytest.fixture
def ana(as_: Any, cast: SimpleNamespace) -> FreshClient:
    client: FreshClient = as_(cast.ana)
    return client


def said(client: FreshClient, door: str = DOOR) -> str:
    page = client.get(door)
    assert page.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text.partition("<main")[2])).split())


def test_the_thread_grows_with_each_step(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    def holds() -> list[bool]:
        seen = said(ana)
        return [words in seen for words in ("Qu’ai-je évité ?", HEARD, desk.FEEDBACK["experiment"], TRIED)]

    case_id = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    assert "Votre fil commencera ici" in said(ana)
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - 3 * DAY)
    db.session.commit()
    assert holds() == [True, False, False, False]
    desk.respond(cast.sam, case_id, keyring, now - 2 * DAY)
    db.session.commit()
    assert (holds(), "Un retour vous attend" in said(ana)) == ([True, False, False, False], True)
    ana.get(f"/situations/{case_id}")  # opening it is what Sam is told
    assert (holds(), "Un retour vous attend" in said(ana)) == ([True, True, True, False], False)
    desk.answer(cast.ana, case_id, keyring, now - DAY)
    db.session.commit()
    assert holds() == [True, True, True, True]
    assert "Je l’ai tentée comme proposée" in said(ana)


def test_a_feedback_that_is_not_out_or_was_recalled_is_not_there(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - DAY)
    desk.sign(cast.sam, case_id, keyring, now)
    db.session.commit()
    assert (HEARD in said(ana), "Sam Delcourt" in said(ana)) == (False, False)
    feedback.recall(author=cast.sam, file=desk.opened(case_id, now), keyring=keyring, now=now)
    db.session.commit()
    assert HEARD not in said(ana)
    desk.respond(cast.sam, case_id, keyring, now)
    db.session.commit()
    ana.get(f"/situations/{case_id}")
    assert HEARD in said(ana)  # the bait


def test_each_round_has_its_step_and_a_version_that_was_replaced_unanswered_has_none(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - 9 * DAY, question_1="La première ?")
    desk.respond(cast.sam, case_id, keyring, now - 8 * DAY)
    for number, words in ((7, "La deuxième ?"), (6, "La troisième ?")):
        again(cast, case_id, keyring, now - number * DAY, words)
    db.session.commit()
    seen = said(ana)
    assert [words in seen for words in ("La première ?", "La deuxième ?", "La troisième ?")] == [True, False, True]


def again(cast: SimpleNamespace, case_id: UUID, keyring: Keyring, at: datetime, question: str) -> None:
    lifecycle.revise(file=desk.opened(case_id, at), keyring=keyring, now=at)
    desk.actions.submit(
        author=cast.ana,
        supervisor=cast.sam,
        file=desk.opened(case_id, at),
        fields=desk.situation_fields(cast.sam, question_1=question),
        revision=1,
        keyring=keyring,
        now=at,
    )


def test_nobody_else_has_a_way_to_it_and_what_is_withdrawn_or_purged_is_gone(
    as_: Any, ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    kept, back, gone = (
        desk.bring(cast.ana, cast.sam, keyring, now - DAY, title=title) for title in ("Gardée", "Reprise", "Détruite")
    )
    lifecycle.withdraw(author=cast.ana, file=desk.opened(back), keyring=keyring, now=now)
    retention.purge(file=desk.opened(gone), because="retention", now=now)
    db.session.commit()
    assert kept
    seen = said(ana)
    assert [title in seen for title in ("Gardée", "Reprise", "Détruite")] == [True, False, False]
    for person in (cast.sam, cast.lee, cast.ines, cast.ada):
        assert "Gardée" not in said(as_(person))


def test_the_picture_and_its_table_show_the_competences_of_two_years(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date
) -> None:
    quarter = Quarter.of(today)
    this, long_ago = f"{today:%Y-%m}", f"{today.year - 3}-01"
    desk.bring(cast.ana, cast.sam, keyring, now, period=this, authority_self="Je me suis tue.")
    desk.bring(cast.ana, cast.sam, keyring, now, period=this)
    desk.bring(cast.ana, cast.sam, keyring, now, period=long_ago, imperfection_self="Il y a longtemps.")
    db.session.commit()
    page = ana.get(DOOR).text
    assert page.count("<rect") == 3  # reality, fears, authority
    seen = said(ana)
    assert f"trimestre {quarter.year}" in seen
    assert "Réalité entière (2)" in seen
    assert "Autorité (1)" in seen
    assert "Imperfection (" not in seen
    assert all(f'class="hue-{hue}"' in page for hue in range(1, 7))


def test_pages_follow_each_other_and_cost_the_same(
    ana: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime, statements: desk.Count
) -> None:
    costs, page = [], None
    for more in (1, 2, 22):
        desk.many(more, cast.ana, cast.sam, keyring, now, state="published")
        db.session.commit()
        statements()
        page = ana.get(DOOR)
        costs.append(len(statements()))
    assert (len(set(costs)), costs[0] <= 6) == (1, True), costs
    link = re.compile(r'<h2><a href="/situations/([0-9a-f-]{36})"')
    assert page is not None
    seen = link.findall(page.text)
    while links := re.findall(r'href="([^"]*avant=[^"]*)"', page.text):
        page = ana.get(html.unescape(links[-1]))
        seen += link.findall(page.text)
    assert (len(seen), len(set(seen))) == (25, 25)


# --- on plain values --------------------------------------------------------------------------------------------------


def test_quarters_reach_over_years() -> None:
    assert [(q.year, q.number) for q in latest(date(2026, 2, 3))] == [
        (2024, 2),
        (2024, 3),
        (2024, 4),
        (2025, 1),
        (2025, 2),
        (2025, 3),
        (2025, 4),
        (2026, 1),
    ]
    assert [Quarter.of_month(month) for month in ("2026-12", "2026-13", "", "x")] == [
        Quarter(2026, 4),
        None,
        None,
        None,
    ]


def test_bars_have_one_scale_and_the_table_says_the_same() -> None:
    one, two = Competence("a", "A", 1), Competence("b", "B", 2)
    quarters = latest(date(2026, 11, 1))
    counts = Counter({(quarters[0], "a"): 4, (quarters[7], "b"): 1, (quarters[7], "a"): 2})
    shown = picture([one, two], quarters, counts)
    assert [[bar.height for bar in line.bars] for line in shown.lines] == [[28, 14], [7]]
    assert all(bar.y + bar.height == line.ground for line in shown.lines for bar in line.bars)
    assert [(row.quarter, row.touched) for row in table([one, two], quarters, counts)] == [
        (quarters[7], [(one, 2), (two, 1)]),
        (quarters[0], [(one, 4)]),
    ]


def test_a_picture_of_nothing_is_nothing() -> None:
    assert table([Competence("a", "A", 1)], latest(date(2026, 1, 1)), Counter()) == []
