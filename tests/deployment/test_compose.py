"""What the compose file promises, as far as it can be read."""

import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from adapters.settings import TEMPORAL_DEFAULTS, is_secret, variables
from cli.main import app
from tests.deployment.composition import COMPOSE, ROOT, SLACK_ON, image_name, mounted_files, read_compose, services

# What the foreign images read; theirs are documented by their makers.
KNOWN = {
    "postgres": {"POSTGRES_USER", "POSTGRES_PASSWORD_FILE"},
    "temporalio/admin-tools": {"SQL_PLUGIN", "SQL_HOST", "SQL_PORT", "SQL_USER", *TEMPORAL_DEFAULTS},
    "temporalio/server": {"DB", "DB_PORT", "POSTGRES_SEEDS", "POSTGRES_USER", "BIND_ON_IP", "NUM_HISTORY_SHARDS"}
    | {"LOG_LEVEL"},
    "temporalio/ui": {"TEMPORAL_ADDRESS", "TEMPORAL_DEFAULT_NAMESPACE", "TEMPORAL_UI_PORT"}
    | {"TEMPORAL_NOTIFY_ON_NEW_VERSION", "TEMPORAL_CORS_ORIGINS"},
    "aims": {
        *variables(),
        *TEMPORAL_DEFAULTS,
        *(f"{name}_FILE" for name, one in variables().items() if is_secret(one)),
    },
}
NAMES = sorted(services())
LONG_LIVED = {"postgres", "temporal", "temporal-ui", "api", "worker"}


@pytest.fixture(params=NAMES)
def service(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return each service in turn, with Slack switched on."""
    return {"name": request.param, **services(SLACK_ON)[request.param]}


@pytest.mark.feature(127)
def test_the_file_satisfies_the_published_schema() -> None:
    checker = Path(sysconfig.get_path("scripts")) / "check-jsonschema"
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_every_image_has_a_full_version(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)?", service["image"])


def test_our_image_has_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert services()["api"]["image"] == f"aims:{project['version']}"


def test_every_variable_is_one_that_the_program_reads(service: dict[str, Any]) -> None:
    assert set(service["environment"]) <= KNOWN[image_name(service)]


def test_no_secret_stands_in_a_variable(service: dict[str, Any]) -> None:
    named = [name for name in service["environment"] if re.search("PASSWORD|SECRET|TOKEN|KEY|URL$", name)]
    held = [name for name in named if not name.endswith("_FILE")]
    assert set(held) <= {"AIMS_VERIFY_KEYS", "AIMS_STORAGE_URL", "AIMS_PUBLIC_URL", "AIMS_TEMPORAL_UI_URL"}


def test_every_secret_that_a_variable_names_is_mounted_and_no_other(service: dict[str, Any]) -> None:
    told = {value.removeprefix("/run/secrets/") for value in service["environment"].values() if "/run/secrets" in value}
    scripts = [ROOT / path for path in mounted_files(service) if path.endswith(".sh")]
    read = {name for path in scripts for name in re.findall(r"/(postgres-\w+)", path.read_text(encoding="utf-8"))}
    assert set(service.get("secrets", [])) == told | read
    assert told | read <= set(read_compose()["secrets"])


def test_without_a_channel_slack_is_off() -> None:
    slack = [value for one in services().values() for name, value in one["environment"].items() if "SLACK" in name]
    assert slack
    assert not any(slack)


def test_only_the_api_gets_the_signing_key() -> None:
    assert [name for name in NAMES if "signing.pem" in services(SLACK_ON)[name].get("secrets", [])] == ["api"]


def test_every_command_is_one_of_ours_or_a_script_of_this_repository(service: dict[str, Any]) -> None:
    if image_name(service) == "aims":
        program, *words = service["command"]
        assert program == "aims"
        assert words[0] in typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group, by its commands
    elif "command" in service:
        assert service["command"][:1] == ["/bin/sh"]
        script = f"./deploy/{Path(service['command'][1]).name}"
        assert f"{script}:{service['command'][1]}:ro" in service["volumes"]


def test_what_is_mounted_is_in_the_repository_and_read_only(service: dict[str, Any]) -> None:
    assert all((ROOT / path).exists() for path in mounted_files(service))
    assert all(each.endswith(":ro") for each in service.get("volumes", []) if each.startswith("./"))


def test_only_the_api_and_the_temporal_pages_are_published_and_on_loopback() -> None:
    published = {name: one["ports"] for name, one in services().items() if "ports" in one}
    assert published == {"api": ["127.0.0.1:8042:8042"], "temporal-ui": ["127.0.0.1:8233:8080"]}
    assert read_compose()["networks"]["data"] == {"internal": True}


def test_no_service_can_gain_rights_or_write_outside_its_volumes(service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only", False) is (service["name"] != "temporal-ui")


def test_each_service_waits_for_something_that_can_happen(service: dict[str, Any]) -> None:
    for name, how in service.get("depends_on", {}).items():
        waited = services()[name]
        if how["condition"] == "service_healthy":
            assert "healthcheck" in waited
        else:
            assert how["condition"] == "service_completed_successfully"
            assert name not in LONG_LIVED


def test_what_serves_is_started_again_and_what_prepares_is_not() -> None:
    assert {name for name, one in services().items() if one.get("restart") == "unless-stopped"} == LONG_LIVED
