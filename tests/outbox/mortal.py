"""A delivering process that is killed again and again: `python -m tests.outbox.mortal KILLS LEASE_SECONDS`.

The application is loaded once; each life is a fork of its own that delivers like the worker does. Its number is
printed, and the test kills it with SIGKILL once it has seen mails arrive from it; then « killed » or « ended » is
printed. The life after the last kill goes on until nothing waits.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta

import config
from supervision import clock, create_app
from supervision.outbox import queries
from supervision.outbox.delivery import deliver


def main(kills: int, lease: timedelta) -> None:
    app = create_app(config.from_environment(os.environ))
    post = replace(app.extensions["post"], lease=lease)

    def live() -> None:
        with app.app_context():
            while queries.health(clock.now()).waiting:
                deliver(post, limit=20) or time.sleep(0.05)

    for _ in range(kills):
        child = _born(live)
        print(child, flush=True)
        status = os.waitpid(child, 0)[1]
        was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if was_killed else "ended", flush=True)
    os.waitpid(_born(live), 0)


def _born(live: object) -> int:
    child = os.fork()
    if child == 0:
        try:
            live()  # type: ignore[operator]
        finally:
            os._exit(0)
    return child


if __name__ == "__main__":
    main(int(sys.argv[1]), timedelta(seconds=float(sys.argv[2])))
