"""The page of what changed: in the reader's language, article by article, and nothing hostile in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from types import SimpleNamespace

import pytest

from supervision.people.models import Person
from tests.client import FreshClient
from tests.deontology.test_reading import SECOND, publish, words

As = Callable[[Person], FreshClient]
PAGE = "/deontologie/version-2/depuis-1"
HOSTILE = '<script>alert(1)</script> [lien](javascript:alert(1)) ![image](x) <ins onclick="x">**gras**</ins>'


@pytest.fixture
def second(app: object, now: datetime, today: date) -> None:
    publish(2, today, now)


@pytest.mark.usefixtures("second")
def test_each_article_says_what_became_of_it(visitor: FreshClient) -> None:
    page = words(visitor.get(PAGE).text)
    assert "4. Écrire une situation pour la supervision déplacé : il portait le numéro 20" in page
    assert "10. Travailler à distance Article ajouté" in page
    assert "[ajouté : Personnes en formation fin de l’ajout]" in page
    assert "[retiré : Stagiaires fin du retrait]" in page
    assert "3 articles inchangés" in page
    assert words(SECOND["summary_fr"]) in page


@pytest.mark.usefixtures("second")
def test_words_are_marked_inside_their_sentence(visitor: FreshClient) -> None:
    page = visitor.get(PAGE).text
    (article,) = re.findall(r'<article class="change" id="protection-des-donnees">.*?</article>', page, re.DOTALL)
    marked = [words(found).strip() for found in re.findall(r"<(?:ins|del)>.*?</(?:ins|del)>", article, re.DOTALL)]
    assert marked == [
        "[ajouté : (messagerie, traduction, rédaction automatique) fin de l’ajout]",
        "[retiré : textes. fin du retrait]",
        "[ajouté : textes et des voix. fin de l’ajout]",
    ]
    assert "Je ne confie pas le récit d’un groupe" in article


@pytest.mark.usefixtures("second")
def test_it_speaks_the_language_of_whoever_reads(as_: As, cast: SimpleNamespace) -> None:
    page = words(as_(cast.lee).get(PAGE).text)
    assert words(SECOND["summary_en"]) in page
    assert "(messaging, translation, automatic writing)" in page


@pytest.mark.usefixtures("second")
def test_whoever_signed_the_old_version_is_told_so(as_: As, visitor: FreshClient, cast: SimpleNamespace) -> None:
    assert "De la version 1, que vous avez signée, à la version 2" in words(as_(cast.ana).get(PAGE).text)
    assert "que vous avez signée" not in visitor.get(PAGE).text


@pytest.mark.usefixtures("second")
def test_the_earlier_one_comes_first_whichever_was_named_first(visitor: FreshClient) -> None:
    assert visitor.get("/deontologie/version-1/depuis-2").location == PAGE
    assert visitor.get("/deontologie/version-2/depuis-2").status_code == 404
    assert visitor.get("/deontologie/version-2/depuis-9", follow_redirects=True).status_code == 404


@pytest.mark.usefixtures("second")
def test_versions_that_say_the_same_say_so(visitor: FreshClient, now: datetime, today: date) -> None:
    publish(3, today.replace(year=today.year + 1), now)
    assert "Les deux versions disent la même chose" in visitor.get("/deontologie/version-3/depuis-2").text
    several = words(visitor.get("/deontologie/version-3/depuis-1").text)
    assert several.count(words(SECOND["summary_fr"])) == 2


def test_hostile_markdown_is_only_words_in_every_mark(visitor: FreshClient, now: datetime, today: date) -> None:
    texts = deepcopy(SECOND)
    texts["preamble_fr"] = HOSTILE
    texts["article"][0] |= {"body_fr": HOSTILE, "title_fr": HOSTILE}
    texts["article"].append(texts["article"][1] | {"id": "autre", "body_fr": HOSTILE, "title_fr": HOSTILE})
    publish(2, today, now, texts=texts)
    publish(3, today.replace(year=today.year + 1), now)
    for path in (PAGE, "/deontologie/version-3/depuis-2", "/deontologie/version-2", "/deontologie/version-2/autre"):
        page = visitor.get(path).text
        main = page[page.index("<main") : page.index("</main>")]
        assert "<script" not in main
        assert "<img" not in main
        assert "<ins onclick" not in main
        assert 'href="javascript' not in main
        assert "&lt;script&gt;" in main


def test_only_another_form_is_told_as_such(visitor: FreshClient, now: datetime, today: date) -> None:
    texts = deepcopy(SECOND)
    texts["article"][0]["body_fr"] = texts["article"][0]["body_fr"].replace("Je réponds", "**Je réponds**")
    publish(2, today, now)
    publish(3, today.replace(year=today.year + 1), now, texts=texts)
    page = words(visitor.get("/deontologie/version-3/depuis-2").text)
    assert "1. Responsabilité seule la mise en forme a changé" in page
