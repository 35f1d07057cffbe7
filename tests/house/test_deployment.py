"""What docker-compose, the image and `.env.example` say agrees with the code, and opens no door by mistake.

No Docker engine is needed: the files are read as text, and by `docker compose` itself where that client is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\{([A-Z_]+)[:}-]")
# Set inside the files themselves, or by a person for one start of run.py.
NOT_IN_EXAMPLE = {"DATABASE_PASSWORD_FILE", "EMPTY", "VERBOSE", "REQUIRE_SERVICES", "SECRET_KEY"}
SECRETS = {"secrets/secret.key", "secrets/master.keys", "secrets/database.password"}


def text(name: str) -> str:
    return (ROOT / name).read_text()


def without_comments(content: str) -> str:
    return "\n".join(line.split(" #")[0].rstrip() for line in content.splitlines() if not line.lstrip().startswith("#"))


def services() -> dict[str, str]:
    """The block of each service, by its name."""
    block = without_comments(text("docker-compose.yml")).split("\nservices:\n")[1].split("\nnetworks:\n")[0]
    parts = re.split(r"^  (\w+):", block, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def explained() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", text(".env.example"), flags=re.MULTILINE))


def test_every_variable_the_settings_read_is_explained() -> None:
    read = set(re.findall(r"""env(?:\.get\(|\[)"([A-Z_]+)""", text("config.py")))
    assert read - explained() - NOT_IN_EXAMPLE == set()


def test_every_variable_compose_asks_for_is_explained() -> None:
    assert set(VARIABLE.findall(text("docker-compose.yml"))) - explained() == set()


def test_each_explanation_is_at_least_two_lines_long() -> None:
    lines = text(".env.example").splitlines()
    settings = [number for number, line in enumerate(lines) if re.match(r"#?[A-Z_]+=", line)]
    short = [lines[at] for at in settings if not all(line.startswith("# ") for line in lines[at - 2 : at])]
    assert short == []


def test_only_the_web_and_the_development_mail_catcher_can_be_reached_and_from_this_machine_alone() -> None:
    ports = {name: re.findall(r'- "?(\S+:\d+)"?$', block, re.MULTILINE) for name, block in services().items()}
    open_doors = {name: found for name, found in ports.items() if found}
    assert open_doors == {"web": ["127.0.0.1:${PORT:-8000}:8000"], "mail": ["127.0.0.1:8025:8025"]}
    assert "profiles: [development]" in services()["mail"]


def test_there_is_one_beat_and_everything_waits_for_the_migration() -> None:
    beats = [name for name, block in services().items() if re.search(r"\bbeat,", block)]
    assert beats == ["beat"]
    assert "migrate: {condition: service_completed_successfully}" in text("docker-compose.yml")


def test_every_lasting_service_restarts_runs_read_only_and_is_checked_or_says_why_not() -> None:
    shared = text("docker-compose.yml").split("x-app: &app")[1].split("\nservices:")[0]
    for name, block in services().items():
        whole = block + (shared if "<<: *app" in block else "")
        wanted = {"restart:", "read_only: true", "no-new-privileges:true"}
        assert {it for it in wanted if it not in whole} == set(), name
    unchecked = {name for name in services() if name not in {"web", "mail"} and "healthcheck:" not in services()[name]}
    assert unchecked == set()  # the web has the check of its image, the mail catcher is for development


def test_no_password_stands_in_compose_and_its_secrets_never_enter_git_or_the_image() -> None:
    compose = text("docker-compose.yml")
    assert set(re.findall(r"file: \./(\S+)", compose)) == SECRETS
    assert re.findall(r"://\w+:[^@/\s]+@", compose) == []
    ignored = text(".dockerignore").splitlines()
    assert "*" in ignored
    assert not any(line.lstrip("!").startswith("secrets") for line in ignored if line.startswith("!"))
    assert {"/secrets/", "/backups/", "/.env"} <= set(text(".gitignore").splitlines())


def test_the_image_copies_what_exists_and_runs_as_nobody_special() -> None:
    image = text("Dockerfile")
    allowed = [line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")]
    assert [name for name in allowed if not (ROOT / name).exists()] == []
    assert re.search(r"^USER 10001:10001$", image, re.MULTILINE)
    assert "HEALTHCHECK" in image
    assert "requirements-dev.lock" not in image
    assert "--require-hashes" in image


def test_the_entry_of_the_image_hands_the_password_on_and_fails_without_its_file(tmp_path: Path) -> None:
    words = re.findall(r"'([^']*)'", text("Dockerfile").split("RUN printf ")[1].split("> /usr/local")[0])
    script = tmp_path / "with-password"
    script.write_text("\n".join(words[1:]) + "\n")
    (tmp_path / "password").write_text("correct horse\n")

    def told(**variables: str) -> tuple[int, str]:
        command = ["sh", str(script), "sh", "-c", 'printf "%s" "$PGPASSWORD"']
        done = subprocess.run(command, env={"PATH": os.defpath, **variables}, capture_output=True, text=True)
        return done.returncode, done.stdout

    assert told(DATABASE_PASSWORD_FILE=str(tmp_path / "password")) == (0, "correct horse")
    assert told() == (0, "")
    assert told(DATABASE_PASSWORD_FILE=str(tmp_path / "missing"))[0] != 0


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    command = compose_client()
    if command is None:
        pytest.skip("docker compose: no client with that plugin is installed")
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    done = subprocess.run(
        [*command, "--profile", "*", "config", "--quiet"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def compose_client() -> list[str] | None:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0:
            return command
    return None
