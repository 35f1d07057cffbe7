"""A text is answered when it was shown to its end, on one page or article by article: the server knows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from supervision import clock
from supervision.deontology.models import Acknowledgement
from supervision.deontology.signing.models import TextShown
from supervision.people.models import Person
from tests.client import FreshClient
from tests.deontology.test_answers import DOOR, SAMPLE, answers_of, publish, refusal, signature
from tests.facts import one, rows

As = Callable[[Person], FreshClient]
SLUGS = [article["id"] for article in SAMPLE["article"]]
PART = {"HX-Request": "true"}


def slip(page: str) -> str:
    found = re.search(r'(?:data-slip|name="shown" value)="([^"]+)"', page)
    assert found
    return found[1]


def scroll(client: FreshClient, articles: list[str], page: str | None = None) -> Any:
    carried = slip(page or client.get("/deontologie/signer").text)
    data = {"shown": carried, "articles": ",".join(articles)}
    return client.post("/deontologie/signer", data=data, headers=PART)


def has_form(page: str) -> bool:
    return 'name="typed_name"' in page


def test_the_answer_is_closed_until_the_last_article_was_scrolled_to_its_end(as_: As, cast: SimpleNamespace) -> None:
    lee = as_(cast.lee)
    before = lee.get("/deontologie/signer").text
    nearly = scroll(lee, SLUGS[:-1])
    refused = lee.post(DOOR, data=signature())
    whole = scroll(lee, SLUGS)
    signed = lee.post(DOOR, data=signature())
    assert (has_form(before), nearly.status_code, refused.location) == (False, 204, "/deontologie/signer")
    assert (whole.status_code, has_form(whole.text), signed.status_code) == (200, True, 302)
    assert one(select(Acknowledgement.shown).where(Acknowledgement.person_id == cast.lee.id)) == "whole"


def test_article_by_article_one_stops_and_comes_back(as_: As, cast: SimpleNamespace) -> None:
    lee, seen = as_(cast.lee), []
    address = lee.get(f"/deontologie/signer/{SLUGS[0]}").request.path
    for at in range(len(SLUGS)):
        if at == 5:  # another day, another browser
            lee = as_(cast.lee)
            assert f'href="/deontologie/signer/{SLUGS[5]}"' in lee.get("/deontologie/signer").text
        page = lee.get(address)
        seen.append(address.rpartition("/")[2])
        address = lee.post(address, data={"shown": slip(page.text)}).location
    assert (seen, address) == (SLUGS, "/deontologie/signer")
    assert has_form(lee.get(address).text)
    lee.post(DOOR, data=signature())
    assert one(select(Acknowledgement.shown).where(Acknowledgement.person_id == cast.lee.id)) == "articles"


def test_no_article_is_skipped(as_: As, cast: SimpleNamespace) -> None:
    ahead = as_(cast.lee).get(f"/deontologie/signer/{SLUGS[7]}")
    assert ahead.location == f"/deontologie/signer/{SLUGS[0]}"


def test_what_was_shown_in_french_is_not_signed_in_english(as_: As, cast: SimpleNamespace) -> None:
    lee = as_(cast.lee)
    scroll(lee, SLUGS)  # in English, which is hers
    assert lee.post(DOOR, data=signature(language="fr")).location == "/deontologie/signer"
    assert answers_of(cast.lee) == []


def test_a_refusal_too_is_given_to_a_text_that_was_shown(as_: As, cast: SimpleNamespace) -> None:
    assert as_(cast.lee).post(DOOR, data=refusal()).location == "/deontologie/signer"
    assert answers_of(cast.lee) == []


@pytest.mark.parametrize("forged", ["", "x", "another person", "another article", "another version"])
def test_only_the_page_that_showed_the_text_says_so(
    as_: As, cast: SimpleNamespace, now: Any, today: Any, forged: str
) -> None:
    lee = as_(cast.lee)
    page = lee.get("/deontologie/signer").text
    carried = {
        "another person": slip(as_(cast.zoe).get("/deontologie/signer").text),
        "another article": slip(lee.get(f"/deontologie/signer/{SLUGS[0]}").text),
        "another version": slip(page),
    }.get(forged, forged)
    if forged == "another version":
        publish(2, "major", today, now)
    data = {"shown": carried, "articles": ",".join(SLUGS)}
    answer = lee.post("/deontologie/signer", data=data, headers=PART)
    assert (answer.status_code, rows(select(TextShown.articles))) == (409, [])


def test_articles_that_do_not_exist_count_for_nothing(as_: As, cast: SimpleNamespace) -> None:
    lee = as_(cast.lee)
    assert scroll(lee, [*SLUGS[:3], "nothing", "", "é" * 5000, SLUGS[0]]).status_code == 204
    assert one(select(TextShown.articles)) == ",".join(SLUGS[:3])
    assert lee.get("/deontologie/signer/nothing").status_code == 404


def test_whoever_has_signed_reads_the_text_where_everyone_does(as_: As, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    assert ana.get("/deontologie/signer").location == "/deontologie"
    assert ana.get(f"/deontologie/signer/{SLUGS[0]}").location == "/deontologie"


def test_a_text_that_is_not_asked_for_is_not_found(as_: As, cast: SimpleNamespace) -> None:
    doors = ("signer", "retirer", "refus", f"signer/{SLUGS[0]}")
    assert [as_(cast.ana).get(f"/textes/nothing/{door}").status_code for door in doors] == [404, 302, 404, 404]


def test_reading_on_days_later_takes_up_where_it_was(as_: As, cast: SimpleNamespace) -> None:
    lee = as_(cast.lee)
    scroll(lee, SLUGS[:4])
    clock.shift_by(timedelta(days=3))
    page = as_(cast.lee).get("/deontologie/signer").text
    assert f'href="/deontologie/signer/{SLUGS[4]}"' in page
