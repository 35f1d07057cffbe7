"""What follows is said to the person in plain words, everywhere it matters to her."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from supervision import filters
from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology import actions as texts
from supervision.deontology.consequences import queries
from supervision.deontology.coverage import actions as coverage
from supervision.deontology.models import TextVersion
from supervision.people.models import Person
from tests import desk
from tests.client import FreshClient
from tests.deontology.test_answers import SAMPLE
from tests.facts import one

As = Callable[[Person], FreshClient]
DAY = timedelta(days=1)
DRAFT_WAITS = "Votre brouillon vous attend."


@pytest.fixture
def in_grace(cast: SimpleNamespace, now: datetime, today: date) -> date:
    """A second major version since today: Ana, who signed the first, is in her grace. Returns its last day."""
    texts.publish(actor=None, number=2, change="major", effective_on=today, texts=SAMPLE, now=now)
    db.session.commit()
    return today + 30 * DAY


def seen(client: FreshClient, address: str) -> str:
    return html.unescape(client.get(address).text)


def test_until_when_nothing_changes_is_on_the_first_page_and_in_the_account(
    as_: As, cast: SimpleNamespace, in_grace: date
) -> None:
    ana = as_(cast.ana)
    with ana.application.test_request_context():
        sentence = f"Jusqu’au {filters.day(in_grace)}, rien ne change"
    assert [sentence in seen(ana, page) for page in ("/", "/mon-compte")] == [True, True]


def test_in_grace_a_draft_is_submitted_as_ever(
    as_: As, cast: SimpleNamespace, in_grace: date, keyring: Keyring, now: datetime
) -> None:
    case_id = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    page = seen(as_(cast.ana), f"/situations/{case_id}/brouillon")
    assert ("Relire et soumettre" in page, DRAFT_WAITS in page) == (True, False)


@pytest.mark.parametrize("page", ["brouillon", "relecture"])
def test_whoever_has_not_signed_reads_why_beside_the_button_that_is_not_there(
    as_: As, cast: SimpleNamespace, keyring: Keyring, now: datetime, page: str
) -> None:
    case_id = desk.draft(cast.lee, keyring, now)
    cast.lee.language = "fr"
    db.session.commit()
    told = seen(as_(cast.lee), f"/situations/{case_id}/{page}")
    assert ("Code de déontologie" in told, DRAFT_WAITS in told, "Signer lève tout aussitôt" in told) == (True,) * 3
    assert ('value="review"' in told, 'value="submit"' in told) == (False, False)


def test_whoever_has_signed_is_told_so_and_is_asked_nothing(as_: As, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    assert "À lire et à signer" not in seen(ana, "/")
    assert "Vous l’avez signé." in seen(ana, "/mon-compte")


def test_an_exemption_is_told_with_its_reason(as_: As, cast: SimpleNamespace, now: datetime, today: date) -> None:
    version = one(select(TextVersion))
    given = {"version": version, "until_on": None, "reason": "Un congé <long>.", "now": now, "today": today}
    coverage.extend(actor=cast.maud, person=cast.zoe, **given)
    db.session.commit()
    account = seen(as_(cast.zoe), "/mon-compte")
    assert ("Un congé <long>." in account, "Le comité vous en a dispensé·e" in account) == (True, True)
    assert "À lire et à signer" not in seen(as_(cast.zoe), "/")


def test_an_association_without_a_published_code_asks_for_nothing(
    app: object, cast: SimpleNamespace, today: date
) -> None:
    assert queries.duties([cast.lee.id], today - 1000 * DAY) == {cast.lee.id: []}
    assert queries.may_bring(cast.lee.id, today - 1000 * DAY)
