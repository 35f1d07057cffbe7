"""Margin notes by mouse and by keyboard: a passage becomes a note, and a note that is removed comes back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.ways import WAITING, situation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., BrowserContext]
SAVED = re.compile(r"(Enregistré à|Saved at) \d\d:\d\d")
SELECT = """([from, to]) => {
  const line = document.querySelectorAll("#situation [data-start]")[1].firstChild;
  const range = document.createRange();
  range.setStart(line, from);
  range.setEnd(line, to);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return line.data.slice(from, to);
}"""


@pytest.fixture
def editor(visit: Visit) -> Page:
    page = visit("sam").new_page()
    situation(WAITING, "/retour", desk="/situations/recues")(page)
    return page


def notes(page: Page) -> list[tuple[str, str]]:
    fields = page.locator("#note-list .note-field")
    return [
        (field.locator("textarea").nth(0).input_value(), field.locator("textarea").nth(1).input_value())
        for field in fields.all()
    ]


def test_a_selected_passage_becomes_a_note_by_one_key_and_is_saved(editor: Page) -> None:
    before = notes(editor)
    passage = editor.evaluate(SELECT, [0, 24])
    expect(editor.locator(".annotate-here")).to_be_visible()
    editor.keyboard.press("n")
    editor.keyboard.type("Et vous n’étiez pas là ?")  # an n in a text is an n
    expect(editor.locator("#save-state")).to_have_text(SAVED)
    editor.reload()
    assert notes(editor) == [*before, (passage, "Et vous n’étiez pas là ?")]


def test_a_paragraph_becomes_a_note_without_a_mouse(editor: Page) -> None:
    before = notes(editor)
    button = editor.locator("#situation .annotate").nth(1)
    line = editor.locator("#situation [data-start]").nth(1).inner_text()
    button.focus()
    editor.keyboard.press("Enter")
    editor.keyboard.type("Sur tout le paragraphe.")
    assert notes(editor) == [*before, (line, "Sur tout le paragraphe.")]


def test_the_button_takes_the_selected_passage(editor: Page) -> None:
    passage = editor.evaluate(SELECT, [3, 20])
    editor.locator(".annotate-here").click()
    editor.keyboard.type("Par le bouton.")
    assert notes(editor)[-1] == (passage, "Par le bouton.")
    expect(editor.locator(".annotate-here")).to_be_hidden()


def test_a_removed_note_comes_back(editor: Page) -> None:
    editor.locator("#situation .annotate").nth(0).click()
    editor.keyboard.type("À garder.")
    there = notes(editor)
    editor.locator("[data-remove]:visible").last.click()
    assert notes(editor) == there[:-1]
    editor.keyboard.press("Enter")  # the focus is on the button that brings it back
    assert notes(editor) == there
    expect(editor.locator("#save-state")).to_have_text(SAVED)


def test_a_passage_over_several_paragraphs_is_one_passage(editor: Page) -> None:
    quote = editor.evaluate(
        """() => {
          const blocks = [...document.querySelectorAll("#situation [data-key]")];
          const block = blocks.find(one => one.fullText.includes("\\n\\n"));
          const [first, , last] = block.querySelectorAll("[data-start]");
          const range = document.createRange();
          range.setStart(first.firstChild, 2);
          range.setEnd(last.firstChild, 9);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
          return block.fullText.slice(2, Number(last.dataset.start) + 9);
        }"""
    )
    editor.locator(".annotate-here").click()
    assert notes(editor)[-1][0] == quote[:1500]
