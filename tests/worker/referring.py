"""What the canary says to the committee: a word of its own in every field of a referral."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

from supervision import clock
from tests.worker.browsing import Browser

DOOR = "/deontologie/saisines/saisir-le-comite"


def refer(author: Browser, member: Browser, word: Callable[[str], str]) -> None:
    """A matter is brought to the committee of three, the wrong turns included, and goes to its end and on."""
    press = re.search(r'name="press"[^>]*value="([^"]+)"', author.get(DOOR).text)
    assert press
    form = {name: word(f"referral{name}") for name in ("title", "account", "expected")}
    form |= {"hearing": "later", "press": press[1]}
    assert author.post(DOOR, form | {"title": word("referraloverlong") * 20}).status == 422
    assert author.post(DOOR, form | {"account": word("referralhuge") * 90_000}).status == 413
    author.get(DOOR)
    referral = author.post(DOOR, form).url.removeprefix(author.address)
    assert "CANARYreferralaccount" in member.get(referral).text
    step = {"step-step": "advice", "step-held_on": clock.now().date().isoformat(), "step-press": str(uuid4())}
    assert "CANARYreferralstep" in member.post(f"{referral}/etape", step | {"step-text": word("referralstep")}).text
    by_member = (("note", "note"), ("message", "mot"), ("conclusion", "conclure"))
    said = [(member, *each) for each in by_member] + [(author, "reopening", "rouvrir"), (author, "message", "mot")]
    for browser, kind, name in said:
        browser.get(referral)
        words = {f"{kind}-text": word(f"referral{kind}"), f"{kind}-press": str(uuid4())}
        assert f"CANARYreferral{kind}" in browser.post(f"{referral}/{name}", words).text
    assert "CANARYreferralnote" not in author.get(referral).text
