"""Settings, read from the environment once.

Every value has a development default; production has none for what matters and says what is missing.
`.env.example` explains each variable to the person who runs the platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEVELOPMENT_SECRET = "development-only"  # noqa: S105 - refused in production


class Misconfigured(Exception):
    """The environment does not allow a safe start. The message lists every reason, one a line."""


@dataclass(frozen=True)
class Settings:
    environment: str  # development | test | production
    instance_dir: Path  # generated keys, the embedded database and broker, built assets
    database_url: str
    broker_url: str
    smtp_url: str  # smtp://, smtps:// or smtp+starttls://, with credentials where needed
    mail_from: str
    public_url: str  # absolute, without a trailing slash: the start of every link in a mail
    secret_key: str
    master_key_file: Path
    trusted_proxies: int  # how many reverse proxies stand in front and set X-Forwarded-*
    log_level: str

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def has_embedded_broker(self) -> bool:
        return self.broker_url.startswith("sqla+")

    @property
    def mailbox_dir(self) -> Path:
        """Where the development mail sink leaves what it received."""
        return self.instance_dir / "mailbox"


def from_environment(env: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        Misconfigured: naming every variable that is missing or unsafe for this environment.
    """
    root = Path(__file__).resolve().parent
    instance = Path(env.get("INSTANCE_DIR") or root / "instance").resolve()
    settings = Settings(
        environment=env.get("APP_ENV", "development"),
        instance_dir=instance,
        database_url=_database_url(env.get("DATABASE_URL") or f"sqlite:///{instance / 'prisme.db'}"),
        broker_url=env.get("REDIS_URL") or f"sqla+sqlite:///{instance / 'broker.db'}",
        smtp_url=env.get("SMTP_URL") or "smtp://127.0.0.1:8025",
        mail_from=env.get("MAIL_FROM") or "Prisme <ne-pas-repondre@prisme.example>",
        public_url=(env.get("PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/"),
        secret_key=_secret(env, instance),
        master_key_file=Path(env.get("MASTER_KEY_FILE") or instance / "master.keys").resolve(),
        trusted_proxies=_count(env.get("TRUSTED_PROXIES") or "0"),
        log_level=env.get("LOG_LEVEL", "INFO").upper(),
    )
    complaints = _complaints(settings, env)
    if complaints:
        raise Misconfigured("\n".join(complaints))
    return settings


def _database_url(url: str) -> str:
    """Accept the short forms people paste, and always speak psycopg 3."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _count(text: str) -> int:
    """The number; -1, which is complained about, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() else -1


def _secret(env: Mapping[str, str], instance: Path) -> str:
    if env.get("SECRET_KEY"):
        return env["SECRET_KEY"]
    file = Path(env.get("SECRET_KEY_FILE") or instance / "secret.key")
    return file.read_text().strip() if file.is_file() else DEVELOPMENT_SECRET


def _complaints(settings: Settings, env: Mapping[str, str]) -> list[str]:
    if settings.environment not in {"development", "test", "production"}:
        return [f"APP_ENV is {settings.environment!r}: use development, test or production."]
    complaints = []
    if settings.trusted_proxies < 0:
        complaints = [f"TRUSTED_PROXIES is {env['TRUSTED_PROXIES']!r}: give a number, 0 or more."]
    if not settings.is_production:
        return complaints
    required = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "MAIL_FROM", "PUBLIC_URL")
    missing = [f"{name} is not set." for name in required if not env.get(name)]
    return complaints + missing + [sentence for unsafe, sentence in _dangers(settings) if unsafe]


def _dangers(settings: Settings) -> list[tuple[bool, str]]:
    insecure_link = urlsplit(settings.public_url).scheme != "https"
    return [
        (settings.secret_key == DEVELOPMENT_SECRET, "SECRET_KEY (or SECRET_KEY_FILE) is missing."),
        (len(settings.secret_key) < 32, "SECRET_KEY is shorter than 32 characters."),
        (settings.has_embedded_broker, "The embedded broker is for development: set REDIS_URL to a Redis server."),
        (insecure_link, "PUBLIC_URL must start with https://: sign-in cookies travel only over TLS."),
        (not settings.master_key_file.is_file(), f"MASTER_KEY_FILE: no file at {settings.master_key_file}."),
    ]
