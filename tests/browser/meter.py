"""What a first view of a page costs, as it really came over the line."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page

MOST_REQUESTS = 7  # the editor of a feedback has a script of its own
_MOST_BYTES = 64 * 1024
# Where somebody's long text is written, read or found again. Such a page is not compressed (BREACH): its length is that
# of what was written, and of the six sections of the form.
_MOST_BYTES_OF_A_LONG_TEXT = 96 * 1024
_LONG_TEXT = re.compile(
    r"/situations/([0-9a-f-]{36}|retrouver|recues/retrouver)|/mon-fil|/reglages/formulaire|/atelier|/deontologie/engagements"
)


def most_bytes(address: str) -> int:
    """The budget of a page, the first time it is opened."""
    return _MOST_BYTES_OF_A_LONG_TEXT if _LONG_TEXT.search(address) else _MOST_BYTES


class Meter:
    """Counts requests and bytes, heads included, with an empty cache."""

    def __init__(self, page: Page) -> None:
        self._page, self._line = page, page.context.new_cdp_session(page)
        self._line.send("Network.enable")
        self._line.on("Network.responseReceived", self._note_response)
        self._line.on("Network.loadingFinished", self._note_bytes)
        self._start()

    def measure(self) -> tuple[int, int]:
        """Requests and bytes of the page that is shown, opened as if for the first time."""
        address = self._page.url
        self._page.goto("about:blank")  # nothing of the view before is still on its way
        self._line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._start()
        self._page.goto(address)
        self._page.evaluate("document.fonts.ready.then(() => true)")
        self._page.wait_for_timeout(50)
        self._line.send("Network.setCacheDisabled", {"cacheDisabled": False})
        assert {status for _, status in self._answers} == {200}
        return len(self._answers), self._bytes

    @property
    def address(self) -> str:
        return self._page.url

    def _start(self) -> None:
        self._bytes = 0
        self._answers: list[tuple[str, int]] = []

    def _note_response(self, event: dict[str, Any]) -> None:
        url = event["response"]["url"]
        if not url.startswith("data:"):  # the browser's own picture of a calendar
            self._answers.append((url, event["response"]["status"]))

    def _note_bytes(self, event: dict[str, Any]) -> None:
        self._bytes += int(event["encodedDataLength"])
