"""Reading: which version holds, addresses that last, what strangers see, and nothing that grows with the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from supervision.db import db
from supervision.demo import code_of_ethics
from supervision.deontology import actions
from supervision.deontology.actions import Given
from supervision.deontology.models import TextVersion
from supervision.deontology.reading import rules
from supervision.people.models import Person
from tests.client import FreshClient

As = Callable[[Person], FreshClient]
SAMPLE = code_of_ethics.sample()
SECOND = code_of_ethics.second()


def publish(number: int, effective_on: date, now: datetime, **given: Any) -> TextVersion:
    given = {"change": "minor", "texts": SECOND} | given
    made = actions.publish(actor=None, number=number, effective_on=effective_on, now=now, **given)
    db.session.commit()
    return made


def clause(now: datetime, *, is_public: bool = False) -> None:
    """The confidentiality clause of a group, a text that is not the code."""
    actions.add_kind(
        slug="clause",
        name_fr="Clause de confidentialité",
        name_en="Confidentiality clause",
        position=2,
        is_public=is_public,
        has_consequences=False,
    )
    publish(1, now.date() - timedelta(days=3), now, kind="clause")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# --- which version holds ----------------------------------------------------------------------------------------------


def test_each_version_is_announced_in_force_or_replaced(today: date) -> None:
    days = {1: -90, 2: -1, 3: 20}
    versions = [
        TextVersion(number=number, change="minor", effective_on=today + timedelta(days=days[number])) for number in days
    ]
    found = rules.standings(versions, today)
    assert [(one.number, one.state, one.followed_by) for one in found.values()] == [
        (3, "announced", None),
        (2, "in-force", 3),
        (1, "replaced", 2),
    ]
    assert rules.number_in_force(found.values()) == 2
    assert rules.standings(versions, today + timedelta(days=20))[2].state == "replaced"


def test_a_page_says_first_whether_its_version_holds(visitor: FreshClient, now: datetime, today: date) -> None:
    publish(2, today, now)
    publish(3, today + timedelta(days=30), now)
    kickers = {number: words(visitor.get(f"/deontologie/version-{number}").text) for number in (1, 2, 3)}
    assert "Version 1, remplacée le" in kickers[1]
    assert "la version 2 l’a remplacée" in kickers[1]
    assert "Version 2, en vigueur depuis le" in kickers[2]
    assert "Une nouvelle version est annoncée pour le" in kickers[2]
    assert "Version 3, en vigueur à partir du" in kickers[3]
    assert visitor.get("/deontologie/version-4").status_code == 404


def test_before_the_first_version_its_day_is_announced(visitor: FreshClient, now: datetime, today: date) -> None:
    clause(now, is_public=True)
    actions.add_kind(
        slug="charte", name_fr="Charte", name_en="Charter", position=3, is_public=True, has_consequences=False
    )
    assert "Aucune version n’est encore publiée" in visitor.get("/textes/charte").text
    publish(1, today + timedelta(days=5), now, kind="charte")
    assert "La première version entre en vigueur le" in visitor.get("/textes/charte").text


# --- addresses that last ----------------------------------------------------------------------------------------------


def test_an_article_has_its_own_address_with_the_ones_beside_it(visitor: FreshClient) -> None:
    page = visitor.get("/deontologie/version-1/supervision").text
    assert '<link rel="canonical" href="http://localhost/deontologie/version-1/supervision">' in page
    assert 'href="/deontologie/version-1/competence-et-limites" rel="prev"' in page
    assert 'href="/deontologie/version-1/confidentialite" rel="next"' in page
    assert "<h1>3. Devoir de supervision</h1>" in page
    assert "Je ne travaille pas sans supervision." in page
    assert "Je réponds de ce que je propose" not in page
    assert visitor.get("/deontologie/version-1/inconnu").status_code == 404


def test_the_first_article_has_none_before_and_the_last_none_after(visitor: FreshClient) -> None:
    assert 'rel="prev"' not in visitor.get("/deontologie/version-1/responsabilite").text
    assert 'rel="next"' not in visitor.get("/deontologie/version-1/revision-du-code").text


def test_an_article_of_a_replaced_version_leads_to_itself_in_the_one_in_force(
    visitor: FreshClient, now: datetime, today: date
) -> None:
    publish(2, today, now)
    page = visitor.get("/deontologie/version-1/honoraires").text
    assert '<a href="/deontologie/version-2/honoraires">Lire cet article dans la version en vigueur</a>' in page


def test_every_article_of_the_whole_text_shows_its_address(visitor: FreshClient) -> None:
    page = visitor.get("/deontologie").text
    ids = [article["id"] for article in SAMPLE["article"]]
    assert [one for one in ids if f'<section id="{one}">' not in page] == []
    assert [one for one in ids if f'<a href="/deontologie/version-1/{one}">Lien permanent' not in page] == []


def test_a_change_of_language_keeps_the_place(visitor: FreshClient) -> None:
    page = visitor.get("/deontologie/version-1/supervision")
    (next_,) = re.findall(r'name="next" value="([^"]+)"', page.text)
    again = visitor.post("/langue", data={"language": "en", "next": next_})
    assert again.location == "/deontologie/version-1/supervision"
    assert "I do not work without supervision." in visitor.get(again.location).text


def test_the_code_has_one_address_only(visitor: FreshClient) -> None:
    for path in ("", "/version-1", "/version-1/supervision", "/versions"):
        assert visitor.get(f"/textes/deontologie{path}").location.endswith(f"/deontologie{path}")


# --- the list, and other texts ----------------------------------------------------------------------------------------


def test_the_list_says_of_each_version_its_days_its_kind_and_what_it_changes(
    visitor: FreshClient, now: datetime, today: date
) -> None:
    publish(2, today, now)
    page = words(visitor.get("/deontologie/versions").text)
    assert "Mineure : pour information" in page
    assert "Majeure : demande une signature" in page
    assert words(SECOND["summary_fr"]) in page
    assert "remplacée le" in page
    assert "Ce qui a changé depuis la version 1" in page


def test_a_text_that_is_not_public_asks_strangers_to_sign_in(
    visitor: FreshClient, as_: As, cast: SimpleNamespace, now: datetime
) -> None:
    clause(now)
    for path in ("", "/version-1", "/version-1/supervision", "/versions", "/version-1/pdf-fr", "/version-1/depuis-1"):
        assert "/connexion?next=" in visitor.get(f"/textes/clause{path}").location
    assert as_(cast.zoe).get("/textes/clause/version-1/supervision").status_code == 200


def test_an_unknown_text_is_nowhere(visitor: FreshClient, as_: As, cast: SimpleNamespace) -> None:
    for path in ("", "/version-1", "/versions", "/version-1/pdf-fr"):
        assert visitor.get(f"/textes/inconnu{path}").status_code == 404
        assert as_(cast.ana).get(f"/textes/inconnu{path}").status_code == 404


def test_everyone_is_told_what_she_is_asked_to_accept(
    as_: As, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    clause(now)
    publish(2, today, now)
    ana, zoe = (words(as_(person).get("/textes").text) for person in (cast.ana, cast.zoe))
    assert "Vous avez signé la version 1, qui vous engage toujours" in ana
    assert "Clause de confidentialité" in ana
    assert "Votre réponse est attendue" in zoe


# --- what stays small -------------------------------------------------------------------------------------------------


def test_pages_ask_as_much_of_the_database_for_a_long_text_as_for_a_short_one(
    as_: As, cast: SimpleNamespace, statements: Callable[[], list[str]], now: datetime, today: date
) -> None:
    client = as_(cast.ana)
    paths = ("", "/version-2", "/version-2/supervision", "/versions", "/version-2/depuis-1", "/depuis-ma-signature")

    def counted() -> list[int]:
        found = []
        for path in (*(f"/deontologie{path}" for path in paths), "/textes"):
            statements()
            assert client.get(path).status_code in {200, 302}
            found.append(len(statements()))
        return found

    publish(2, today - timedelta(days=20), now)
    few = counted()
    body = SAMPLE["article"][0]
    long = SAMPLE | {"article": [body | {"id": f"article-{n}"} for n in range(60)]}
    for number in range(3, 12):
        publish(number, today - timedelta(days=15 - number), now, texts=long)
    assert counted() == few
    assert max(few) <= 14


@pytest.mark.parametrize("path", ["", "/version-1", "/version-1/supervision", "/versions"])
def test_a_signed_in_reader_and_a_stranger_read_the_same_words(
    visitor: FreshClient, as_: As, cast: SimpleNamespace, path: str
) -> None:
    def text(client: FreshClient) -> list[str]:
        return re.findall(r'<div class="prose".*?</div>', client.get(f"/deontologie{path}").text, re.DOTALL)

    assert text(visitor) == text(as_(cast.ana))


def test_whoever_has_signed_is_led_to_what_changed_since(
    as_: As, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    assert as_(cast.ana).get("/deontologie/depuis-ma-signature").location == "/deontologie"
    publish(2, today, now)
    assert as_(cast.ana).get("/deontologie/depuis-ma-signature").location == "/deontologie/version-2/depuis-1"
    assert as_(cast.zoe).get("/deontologie/depuis-ma-signature").location == "/deontologie"
    page = words(as_(cast.ana).get("/deontologie").text)
    assert "Ce qui a changé depuis la version 1, que vous avez signée" in page
    assert "Prendre connaissance" in page
    assert "Lire et signer" not in page
    assert "Prendre connaissance" not in words(as_(cast.zoe).get("/deontologie").text)


def test_a_signature_that_was_taken_back_counts_no_more(
    as_: As, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    first = db.session.query(TextVersion).one()
    taken = Given(answer="withdrawn", language="fr", typed_name=cast.ana.display_name)
    actions.answer(person=cast.ana, version=first, given=taken, now=now, today=today)
    publish(2, today, now)
    assert as_(cast.ana).get("/deontologie/depuis-ma-signature").location == "/deontologie"
