"""The command line: `python -m flask --app manage <command>`. It also runs where the web would refuse to start."""

from __future__ import annotations

import os

import config
from supervision import cli, create_app, logs

settings = config.from_environment(os.environ)
logs.configure(settings.log_level)
app = create_app(settings)
cli.init_app(app)
