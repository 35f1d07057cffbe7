"""What a first view costs a phone, and what no page may do: ask another host, break the policy, complain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.screens import SCREENS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_REQUESTS = 6
MOST_BYTES = 60 * 1024


class Meter:
    """Counts what really came over the line, heads included, with an empty cache."""

    def __init__(self, page: Page) -> None:
        self._line = page.context.new_cdp_session(page)
        self._line.send("Network.enable")
        self._line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._line.on("Network.responseReceived", self._note_response)
        self._line.on("Network.loadingFinished", self._note_bytes)
        self.start()

    def start(self) -> None:
        self.bytes, self.answers = 0, []

    def _note_response(self, event: dict[str, Any]) -> None:
        url = event["response"]["url"]
        if not url.startswith("data:"):  # the browser's own picture of a calendar
            self.answers.append((url, event["response"]["status"]))

    def _note_bytes(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


def measured(page: Page, meter: Meter) -> tuple[int, int]:
    """Requests and bytes of the page that is shown, opened as if for the first time."""
    address = page.url
    page.goto("about:blank")  # nothing of the view before is still on its way
    meter.start()
    page.goto(address)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(50)
    assert {status for url, status in meter.answers} == {200}
    return len(meter.answers), meter.bytes


@pytest.mark.parametrize("who", SCREENS)
def test_a_first_view_is_light(visit: Callable[..., BrowserContext], who: str) -> None:
    page = visit(who).new_page()
    meter, found = Meter(page), {}
    for screen in SCREENS[who]:
        if screen.status == 200:
            screen.open(page)
            found[screen.name] = requests, size = measured(page, meter)
            print(f"{who or 'anyone':8} {screen.name:24} {requests} requests {size / 1024:6.1f} KB")
    heavy = {name: cost for name, cost in found.items() if cost[0] > MOST_REQUESTS or cost[1] > MOST_BYTES}
    assert heavy == {}
