"""The scripts of the server install that need no server."""

import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.keys import verify_keys
from aims.acts import verify_keys_of
from tests.deployment.composition import ROOT, read_compose

TOOL = '#!/bin/sh\necho "$SQL_PASSWORD $*" >>"$CALLS"\n'
ENTRY = '#!/bin/sh\necho "$POSTGRES_PWD" >"$CALLS"\n'


def run(script: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run a script of the folder deploy with nothing in its environment but this."""
    known = {"PATH": "/usr/local/bin:/usr/bin:/bin"} | (environment or {})
    subprocess.run(["/bin/sh", ROOT / "deploy" / script, *arguments], env=known, check=True, capture_output=True)


def program(path: Path, content: str) -> Path:
    """Write a program."""
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Return a folder of fresh secrets."""
    run("secrets.sh", str(tmp_path / "secrets"))
    return tmp_path / "secrets"


def test_every_secret_of_the_compose_file_is_made(secrets: Path) -> None:
    wanted = {Path(one["file"]).name for one in read_compose()["secrets"].values()}
    assert {path.name for path in secrets.iterdir()} == wanted
    assert {path.name for path in secrets.iterdir() if not path.read_text()} == {
        "slack-bot-token",
        "slack-signing-secret",
    }


def test_only_the_owner_enters_the_folder_and_containers_read_the_files(secrets: Path) -> None:
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o444}


def test_the_public_key_belongs_to_the_signing_key(secrets: Path) -> None:
    key = load_pem_private_key((secrets / "signing.pem").read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    assert verify_keys(secrets / "verify.pem") == verify_keys_of(key.public_key())


def test_a_second_run_keeps_what_is_there(secrets: Path) -> None:
    (secrets / "slack-bot-token").chmod(0o600)
    (secrets / "slack-bot-token").write_text("xoxb-1")
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    run("secrets.sh", str(secrets))
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before


def test_a_new_password_reaches_the_url(secrets: Path) -> None:
    (secrets / "postgres-app").unlink()
    run("secrets.sh", str(secrets))
    assert f"aims:{(secrets / 'postgres-app').read_text().strip()}@" in (secrets / "database-url").read_text()


def test_both_schemas_of_temporal_are_set_up_and_then_updated(secrets: Path, tmp_path: Path) -> None:
    program(tmp_path / "temporal-sql-tool", TOOL)
    calls = tmp_path / "calls"
    known = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CALLS": str(calls), "SECRETS": str(secrets)}
    run("temporal-schema.sh", environment=known)
    password = (secrets / "postgres-temporal").read_text().strip()
    words = [line.split() for line in calls.read_text().splitlines()]
    assert {each[0] for each in words} == {password}
    assert [(each[2], each[3]) for each in words] == [
        ("temporal", "setup-schema"),
        ("temporal", "update-schema"),
        ("temporal_visibility", "setup-schema"),
        ("temporal_visibility", "update-schema"),
    ]


def test_temporals_server_gets_its_password(secrets: Path, tmp_path: Path) -> None:
    entry, calls = program(tmp_path / "entrypoint.sh", ENTRY), tmp_path / "calls"
    known = {"CALLS": str(calls), "SECRETS": str(secrets), "TEMPORAL_ENTRYPOINT": str(entry)}
    run("temporal-server.sh", environment=known)
    assert calls.read_text() == (secrets / "postgres-temporal").read_text()
