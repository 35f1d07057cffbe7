"""The development mail sink: a real SMTP server that keeps every mail as a file in the instance folder."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import Envelope

import config


class KeepFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        name = f"{time.time_ns()}.eml"
        temporary = self._folder / f".{name}"
        temporary.write_bytes(envelope.original_content or b"")
        temporary.rename(self._folder / name)
        return "250 kept"


def main() -> None:
    settings = config.from_environment(os.environ)
    settings.mailbox_dir.mkdir(parents=True, exist_ok=True)
    url = urlsplit(settings.smtp_url)
    loop = asyncio.new_event_loop()
    sink = UnthreadedController(
        KeepFiles(settings.mailbox_dir), hostname=url.hostname or "127.0.0.1", port=url.port or 8025, loop=loop
    )
    sink.begin()  # type: ignore[no-untyped-call]
    signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(loop.stop))
    try:
        loop.run_forever()
    except KeyboardInterrupt:
        pass
    finally:
        sink.end()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
