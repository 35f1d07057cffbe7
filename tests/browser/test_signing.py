"""From the text to its receipt: scrolled through by keyboard, or article by article without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.ways import SIGNING, SUBMITTER, press, read_through

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., BrowserContext]


def sign(page: Page, name: str) -> None:
    page.check("[name=answer][value=signed]")
    page.check("#agrees")
    page.fill("#typed_name", name)
    if page.locator("#password").count():
        page.fill("#password", "un prisme transparent")
    press(page, SUBMITTER)


def test_by_keyboard_the_answer_opens_when_the_last_article_has_been_shown(visit: Visit) -> None:
    page = visit("ada").new_page()
    page.goto(SIGNING)
    expect(page.locator("#reading-left")).to_contain_text("Il vous reste")
    page.keyboard.press("End")  # past everything: what was not shown is still to be read
    expect(page.locator("#reading-left")).to_contain_text("Aller au premier qui reste")
    assert page.locator("#typed_name").count() == 0
    for step in range(480):  # from the top again where a slow machine had not noted a screen in time
        page.keyboard.press("PageDown" if step % 120 else "Home")
        page.wait_for_timeout(60)
        if page.locator("#typed_name").count():
            break
    expect(page.locator("#reading-said")).to_contain_text("jusqu’au bout")
    expect(page.locator("#reading-left")).to_be_hidden()
    sign(page, "Ada Koné")
    expect(page.locator(".flash")).to_contain_text("Votre engagement est enregistré")
    expect(page.locator("h1")).to_contain_text("Reçu n°")


def test_without_a_script_article_by_article(visit: Visit) -> None:
    page = visit("ines", java_script_enabled=False).new_page()
    page.goto(SIGNING)
    assert page.locator("#typed_name").count() == 0
    read_through(page)
    sign(page, "Inès Caron")
    expect(page.locator("h1")).to_contain_text("Reçu n°")
    page.locator("a.long-link").click()
    expect(page.locator("#resultat")).to_contain_text("Inès Caron")
