"""From the editor through the reading over to the supervisor: what is shown, kept, and sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.ways import REREAD, REVIEW, SUBMIT, begun, press, written

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., BrowserContext]
TELLING = "Nous étions le 12 mars à Roubaix, au collège Jean-Moulin. Puis Karim a suivi Mme Lefèvre, et Sonia a ri."
KEEP = "main .section button[value=save]"


@pytest.fixture(params=[True, False], ids=["with a script", "without a script"])
def desk(request: pytest.FixtureRequest, visit: Visit) -> Page:
    """Ana's browser, in French."""
    return visit("ana", java_script_enabled=request.param).new_page()


def decide(page: Page, words: str, reason: str) -> None:
    item = page.locator(".finding", has=page.locator(".finding-words", has_text=words))
    item.locator("summary").click()
    item.locator("select").select_option(reason)


def test_what_may_tell_is_shown_in_place_kept_changed_and_sent(desk: Page, visit: Visit) -> None:
    begun(desk)
    written(desk, "Un groupe se relit")
    desk.fill("#account", TELLING)
    press(desk, REVIEW)
    expect(desk.locator("#texte-account mark")).to_have_text(
        ["le 12 mars", "Roubaix", "collège Jean-Moulin", "Karim", "Mme Lefèvre", "Sonia"]
    )
    assert desk.locator("#texte-account").inner_text() == TELLING

    decide(desk, "Karim", "invented")
    press(desk, KEEP)
    expect(desk.locator("mark.kept")).to_have_text(["Karim"])
    with desk.expect_navigation():
        desk.locator(".finding", has_text="Roubaix").get_by_role("button", name="Modifier dans le texte").click()
    assert desk.url.endswith("/brouillon#account")

    desk.fill("#account", "Nous étions en ville. Puis Karim a suivi une cadre, et Sonia a ri.")
    press(desk, REVIEW)
    expect(desk.locator("#texte-account mark")).to_have_text(["Karim", "Sonia"])
    expect(desk.locator("main")).to_contain_text("Un passage reste sans réponse")
    press(desk, SUBMIT)
    expect(desk.locator(".flash")).to_contain_text("soumise à Sam Delcourt")

    sam = visit("sam").new_page()
    sam.goto(desk.url)
    sam.locator("#gardes summary").click()
    expect(sam.locator("#gardes li")).to_have_text("Karim – Nom propre, peut-être\u00a0: c’est un nom inventé")


def test_the_return_key_in_a_word_keeps_and_does_not_submit(desk: Page) -> None:
    begun(desk)
    written(desk, "Pas encore partie")
    desk.fill("#account", TELLING)
    press(desk, REREAD)
    desk.locator(".finding summary").first.click()
    desk.locator(".finding input").first.fill("La ville de tous")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    assert desk.url.endswith("/relecture")
    expect(desk.locator(".finding").first).to_contain_text("Gardé\u00a0: une autre raison")
