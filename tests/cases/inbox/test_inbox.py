"""The supervisor's desk: who waits, since when, due when; what is asked back, begun, sent off, to be read."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from supervision.cases.feedback import actions as feedback
from supervision.cases.inbox.rules import SENT, TO_ANSWER, Lying, counts, page
from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from tests import desk
from tests.client import FreshClient

DAY = timedelta(days=1)
DOOR = "/situations/recues"
ROW = re.compile(r'<th scope="row"><a href="/situations/([0-9a-f-]{36})"')
TABS = ("", "complements", "brouillons", "envoyes", "a-lire", "toutes")


def shown(reader: FreshClient, tab: str = "") -> list[UUID]:
    answer = reader.get(f"{DOOR}?voir={tab}" if tab else DOOR)
    assert answer.status_code == 200
    return [UUID(one) for one in ROW.findall(answer.text)]


@pytest.fixture
def sam(as_: Any, cast: SimpleNamespace) -> FreshClient:
    client: FreshClient = as_(cast.sam)
    return client


def test_each_case_lies_where_its_dates_put_it(
    sam: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    waits, asked, begun, sent, answered, spoken, closed = (
        desk.bring(cast.ana, cast.sam, keyring, now - (20 - n) * DAY) for n in range(7)
    )
    lifecycle.ask_supplement(supervisor=cast.sam, file=desk.opened(asked), text="?", keyring=keyring, now=now)
    feedback.save(author=cast.sam, file=desk.opened(begun), fields={"heard": "…"}, revision=0, keyring=keyring, now=now)
    desk.sign(cast.sam, sent, keyring, now)
    for case_id in (answered, spoken, closed):
        desk.respond(cast.sam, case_id, keyring, now - 2 * DAY)
        desk.answer(cast.ana, case_id, keyring, now - DAY)
    for case_id in (spoken, closed):
        sam.get(f"/situations/{case_id}")
        desk.actions.record_reading(file=desk.opened(case_id), reader=cast.sam, now=now)
    feedback.write(
        author=cast.ana, file=desk.opened(spoken), text="Merci.", press=new_id(), keyring=keyring, now=now + DAY
    )
    lifecycle.close(actor=cast.ana, file=desk.opened(closed), now=now)
    db.session.commit()
    everything = [closed, spoken, answered, sent, begun, asked, waits]
    assert {tab: shown(sam, tab) for tab in TABS} == {
        "": [waits, begun],
        "complements": [asked],
        "brouillons": [begun],
        "envoyes": [sent],
        "a-lire": [answered, spoken],
        "toutes": everything,
    }


def test_what_is_due_first_comes_first_whatever_it_waits_since(
    sam: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    old, new, middle = (desk.bring(cast.ana, cast.sam, keyring, now - age * DAY) for age in (10, 1, 5))
    lifecycle.set_deadline(supervisor=cast.sam, file=desk.opened(old), due_on=(now + 60 * DAY).date(), now=now)
    lifecycle.set_deadline(supervisor=cast.sam, file=desk.opened(new), due_on=(now + DAY).date(), now=now)
    db.session.commit()
    assert shown(sam) == [new, middle, old]


def test_a_page_says_since_when_and_until_when_in_words(
    sam: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    for age in (17, 2):
        desk.bring(cast.ana, cast.sam, keyring, now - age * DAY)
    announced = desk.bring(cast.ana, cast.sam, keyring, now - 3 * DAY)
    lifecycle.set_deadline(supervisor=cast.sam, file=desk.opened(announced), due_on=(now + 40 * DAY).date(), now=now)
    db.session.commit()
    said = re.sub(r"<[^>]*>", "", sam.get(DOOR).text)
    for words in (
        "il y a 17 jours",
        "attendu il y a 3 jours",
        "il y a 2 jours",
        "avant le ",
        ", annoncé",
        "Ana Ferreira",
    ):
        assert words in said, words


def test_a_supplement_puts_the_case_back_with_the_whole_time(
    sam: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    asked, other = (desk.bring(cast.ana, cast.sam, keyring, now - age * DAY) for age in (12, 5))
    at = now - 3 * DAY
    lifecycle.ask_supplement(supervisor=cast.sam, file=desk.opened(asked, at), text="?", keyring=keyring, now=at)
    db.session.commit()
    assert (shown(sam), shown(sam, "complements")) == ([other], [asked])
    lifecycle.supplement(
        author=cast.ana, file=desk.opened(asked), text="!", press=new_id(), keyring=keyring, now=now - DAY
    )
    db.session.commit()
    assert (shown(sam), shown(sam, "complements")) == ([other, asked], [])


@pytest.mark.parametrize("tab", TABS)
def test_an_empty_tab_says_what_it_is_for(sam: FreshClient, tab: str) -> None:
    assert '<div class="empty">' in sam.get(f"{DOOR}?voir={tab}").text


def test_what_is_anothers_lies_on_nobody_elses_desk(
    as_: Any, sam: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    hers = desk.bring(cast.lee, cast.noor, keyring, now)
    db.session.commit()
    assert [shown(sam, tab) for tab in TABS] == [[]] * len(TABS)
    assert shown(as_(cast.noor)) == [hers]  # the bait


@pytest.mark.parametrize(
    "odd", ["voir=nulle-part", "apres=x", "apres=99999999999999999-x", "voir=a-lire&apres=-1", "avant=x"]
)
def test_an_odd_address_is_the_first_page(
    sam: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime, odd: str
) -> None:
    desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    assert sam.get(f"{DOOR}?{odd}").status_code == 200


def test_pages_follow_each_other_while_rows_are_answered(
    sam: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    everything = desk.many(60, cast.ana, cast.sam, keyring, now, state="submitted")
    db.session.commit()
    first = sam.get(DOOR)
    seen = [UUID(one) for one in ROW.findall(first.text)]
    desk.respond(cast.sam, seen[-1], keyring, now)  # the row by which the next page begins
    desk.respond(cast.sam, seen[0], keyring, now)
    db.session.commit()
    answer = first
    while links := re.findall(r'href="([^"]*apres=[^"]*)"', answer.text):
        answer = sam.get(html.unescape(links[-1]))
        seen += [UUID(one) for one in ROW.findall(answer.text)]
    assert (len(seen), set(seen)) == (60, set(everything))


# --- the order, on plain values ---------------------------------------------------------------------------------------


def test_the_key_of_a_row_leads_to_the_one_after_it(now: datetime) -> None:
    rows = [Lying(TO_ANSWER, new_id(), now, now + (n % 3) * DAY) for n in range(10)]
    rows += [Lying(SENT, new_id(), now)]
    seen, after = [], ""
    for _ in range(4):
        some, key = page(rows, TO_ANSWER, after=after, size=3)
        seen += list(some)
        after = key or ""
    assert seen == sorted(rows[:10], key=lambda row: row.place)
    assert (after, counts(rows)) == ("", {TO_ANSWER: 10, SENT: 1})
