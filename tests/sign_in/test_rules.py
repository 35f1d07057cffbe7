"""The arithmetic of signing in, tried with anything."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.utils import redirect

from supervision.sign_in.rules import (
    Limit,
    LinkNotUsable,
    device_name,
    link_token,
    network_of,
    read_link_token,
    safe_return,
    window_start,
)

HERE = "https://prisme.example"
SHARP = st.text(st.sampled_from("/\\:@?#.%;&=[]\t\r\n \x00\x7f\u2028\u3000\uff0fejavascrpt:https"), max_size=20)
ANYWHERE = st.one_of(st.text(), SHARP, SHARP.map("/".__add__), SHARP.map("/x/".__add__))


@given(ANYWHERE)
def test_a_safe_return_leads_to_our_own_site_and_nowhere_else(target: str) -> None:
    safe = safe_return(target)
    if safe is None:
        return
    location = redirect(safe).location
    # A browser drops tabs and line breaks and takes a backslash for a slash before it resolves an address.
    seen = location.translate({9: None, 10: None, 13: None}).replace("\\", "/")
    led = urlsplit(urljoin(f"{HERE}/connexion", seen))
    assert (led.scheme, led.netloc) == ("https", "prisme.example")
    assert not seen.startswith("//")


@pytest.mark.parametrize("target", ["/", "/situations?avant=1", "/a//b", "/x?next=https://elsewhere.example", "/é"])
def test_our_own_pages_are_safe(target: str) -> None:
    assert safe_return(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "situations",
        "//x",
        "///x",
        "/\\x",
        "\\\\x",
        "https://x",
        "javascript:1",
        "/\t/x",
        "/\n/x",
        " /x",
        "/\x00",
    ],
)
def test_everything_else_is_not(target: str | None) -> None:
    assert safe_return(target) is None


@given(st.uuids(), st.text(min_size=1))
def test_a_link_token_reads_back_to_its_id(link_id: UUID, secret: str) -> None:
    assert read_link_token(link_token(link_id, secret), secret) == link_id


@given(st.uuids(), st.integers(0, 53), st.characters(codec="ascii"))
def test_a_link_token_changed_anywhere_is_refused(link_id: UUID, place: int, character: str) -> None:
    token = link_token(link_id, "secret")
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        with pytest.raises(LinkNotUsable):
            read_link_token(changed, "secret")


@given(st.text())
def test_nonsense_is_no_link_token(token: str) -> None:
    with pytest.raises(LinkNotUsable):
        read_link_token(token, "secret")


@given(st.ip_addresses(v=4))
def test_every_ipv4_address_counts_for_itself_however_it_is_written(address: ipaddress.IPv4Address) -> None:
    assert network_of(str(address)) == network_of(f"::ffff:{address}") == str(address)


@given(st.text())
def test_any_peer_has_a_counter(address: str) -> None:
    assert network_of(address)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 100))  # noqa: DTZ001
def test_an_instant_lies_in_its_window(now: datetime, minutes: int) -> None:
    limit = Limit("x", 1, timedelta(minutes=minutes))
    assert window_start(limit, now) <= now < window_start(limit, now) + limit.window


@given(st.text())
def test_a_browser_is_named_with_words_of_ours_only(agent: str) -> None:
    ours = {
        "",
        "Edge",
        "Opera",
        "Firefox",
        "Chrome",
        "Safari",
        "Android",
        "iPhone",
        "iPad",
        "Windows",
        "macOS",
        "Linux",
    }
    assert set(device_name(agent).split(", ")) <= ours
