"""Tokens, lifetimes, limits and safe returns: the arithmetic of signing in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

IDLE = timedelta(hours=12)  # a session unused for so long has ended
LONGEST = timedelta(days=30)  # and none outlives this
SEEN_EVERY = timedelta(minutes=10)  # how precisely "last seen" is kept: a write a page would be too dear

FRESH = timedelta(minutes=5)  # an act that must be one's own asks for the password unless it was given since

LIFETIMES = {"invitation": timedelta(days=7), "reset": timedelta(hours=2)}


class LinkNotUsable(Exception):
    """The link is unknown, forged, used, replaced or too old. It is not said which."""


class TooManyAttempts(Exception):
    """The limit of a bucket is reached; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many attempts")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    name: str
    attempts: int
    window: timedelta


SIGN_IN_ACCOUNT = Limit("sign-in-account", 10, timedelta(minutes=15))
SIGN_IN_ADDRESS = Limit("sign-in-address", 60, timedelta(minutes=15))
RESET_ACCOUNT = Limit("reset-account", 3, timedelta(hours=1))
RESET_ADDRESS = Limit("reset-address", 20, timedelta(hours=1))
RECEIPT_CODE = Limit("receipt-code", 60, timedelta(minutes=15))  # codes of receipts that one network tries
GLASS_REFERENCE = Limit("glass-reference", 10, timedelta(hours=1))  # references of cases that one person names


def window_start(limit: Limit, now: datetime) -> datetime:
    seconds = int(limit.window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def bucket(limit: Limit, value: str, secret: str) -> str:
    """Name a counter without keeping the address or the account it counts for."""
    digest = hmac.new(secret.encode(), f"{limit.name}|{value}".encode(), hashlib.sha256).hexdigest()
    return f"{limit.name}:{digest[:32]}"


def network_of(address: str) -> str:
    """The address as far as one household or office owns it: IPv6 by /64.

    A server that listens on both families sees IPv4 as ::ffff:192.0.2.1; by /64 all of IPv4 would share one counter.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def new_session_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def fresh_at(began_at: datetime, confirmed_at: datetime | None, now: datetime) -> datetime | None:
    """When this session's password was last given, if that was just now. A clock set back makes nothing fresh."""
    given_at = max(began_at, confirmed_at or began_at)
    return given_at if timedelta() <= now - given_at < FRESH else None


def link_token(link_id: UUID, secret: str) -> str:
    """What the mail's address carries: the id and its signature. The database alone does not yield it."""
    signature = hmac.new(secret.encode(), b"single-use-link|" + link_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(link_id.bytes + signature[:24]).decode().rstrip("=")


def read_link_token(token: str, secret: str) -> UUID:
    """The id in a link token.

    Raises:
        LinkNotUsable: the token is malformed or not signed by us.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        link_id = UUID(bytes=raw[:16])
    except ValueError as error:
        raise LinkNotUsable from error
    if not hmac.compare_digest(link_token(link_id, secret).encode(), token.encode()):
        raise LinkNotUsable
    return link_id


def first_run_code(secret: str) -> str:
    """What the person who started the platform knows, and a passer-by does not."""
    return hmac.new(secret.encode(), b"first-run", hashlib.sha256).hexdigest()[:24]


def safe_return(target: str | None) -> str | None:
    """A path of our own to go to after signing in; None for anything else."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(character) < 32 for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def device_name(user_agent: str) -> str:
    """A rough, human name of the browser: « Firefox, Linux »."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in user_agent), "")
    system = next((name for mark, name in systems if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
