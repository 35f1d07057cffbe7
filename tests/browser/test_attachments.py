"""Attaching a file in a real browser, with and without a script: what was typed stays, what comes back is clean."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from supervision.cases.attachments.cleaning import clean
from tests.browser.ways import begun, press
from tests.cases.attachments import hostile

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., BrowserContext]
ATTACH = "#pieces form[enctype] button"


def new_draft(page: Page) -> None:
    """In French, whatever a test before this one chose."""
    begun(page)


def choose(page: Page, name: str, content: bytes) -> None:
    page.set_input_files("#piece", {"name": name, "mimeType": "application/octet-stream", "buffer": content})


def taken_home(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("with_script", [True, False], ids=["with a script", "without a script"])
def test_a_picture_is_attached_taken_home_clean_and_removed(visit: Visit, with_script: bool) -> None:
    page = visit("ana", java_script_enabled=with_script, accept_downloads=True).new_page()
    new_draft(page)
    choose(page, "IMG_20261122_183000 cercle.jpeg", hostile.jpeg() + hostile.zipped())
    press(page, ATTACH)
    assert taken_home(page, "IMG cercle.jpg") == ("IMG cercle.jpg", clean(hostile.jpeg()).content)
    page.locator("#pieces details", has_text="Retirer").locator("summary").click()
    press(page, "#pieces button.danger")
    expect(page.locator(".attachments")).to_have_count(0)


def test_what_was_typed_is_saved_before_the_page_of_a_file_opens(visit: Visit) -> None:
    page = visit("ana").new_page()
    new_draft(page)
    page.fill("#title", "Avec un plan")
    expect(page.locator("#save-state")).to_have_text(re.compile(r"Enregistré à \d\d:\d\d"))
    choose(page, "plan.pdf", hostile.written(hostile.pdf()))
    press(page, ATTACH)
    expect(page.locator("#title")).to_have_value("Avec un plan")
    expect(page.locator("#pieces")).to_contain_text("plan.pdf")


def test_a_file_that_is_too_large_is_refused_on_a_page_and_not_by_a_broken_line(visit: Visit) -> None:
    page = visit("ana").new_page()
    new_draft(page)
    choose(page, "gros.pdf", b"%PDF-" + b"\x00" * 25_000_000)
    press(page, ATTACH)
    expect(page.locator("#piece-error")).to_contain_text("dépasse 10")
