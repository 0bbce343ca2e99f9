"""The settings: what they read, and what they say when something is wrong."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.settings import (
    TEMPORAL_PREFIX,
    SettingsInvalid,
    inherited,
    is_secret,
    load_settings,
    present,
    variables,
)

URL = "postgresql://aims:pw@db.example/aims"
EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each test from an environment with nothing of ours but the database."""
    for name in [*inherited(), *variables()]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", URL)


def test_the_database_is_all_that_has_to_be_set() -> None:
    settings = load_settings()
    assert settings.database_url.get_secret_value() == URL
    assert settings.migration_database_url.get_secret_value() == URL
    assert settings.public_url == "http://127.0.0.1:8042"
    assert settings.temporal["TEMPORAL_ADDRESS"] == "127.0.0.1:7233"
    assert settings.storage_url.startswith("file:///")


def test_a_missing_variable_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(SettingsInvalid, match=r"DATABASE_URL is missing. Set it \(or DATABASE_URL_FILE\)"):
        load_settings()


def test_every_unusable_variable_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root:hunter2@db/aims")
    monkeypatch.setenv("AIMS_API_PORT", "eighty")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    sentences = str(caught.value).splitlines()
    assert [sentence.split()[0] for sentence in sentences] == ["DATABASE_URL", "AIMS_API_PORT"]
    assert "hunter2" not in str(caught.value)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-1\n")
    monkeypatch.setenv("SLACK_BOT_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("TEMPORAL_API_KEY_FILE", str(tmp_path / "token"))
    settings = load_settings()
    assert present(settings.slack_bot_token, "SLACK_BOT_TOKEN").get_secret_value() == "xoxb-1"
    assert settings.temporal["TEMPORAL_API_KEY"] == "xoxb-1"
    assert "xoxb-1" not in repr(settings)


@pytest.mark.parametrize("name", ["DATABASE_URL", "SLACK_SIGNING_SECRET", "TEMPORAL_API_KEY"])
def test_a_secret_given_twice_is_refused(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("other")
    monkeypatch.setenv(name, URL)
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsInvalid, match=f"Both {name} and {name}_FILE"):
        load_settings()


def test_an_unreadable_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsInvalid, match="SLACK_APP_TOKEN_FILE cannot be read"):
        load_settings()


def test_an_optional_setting_is_demanded_by_name() -> None:
    with pytest.raises(SettingsInvalid, match="AIMS_SIGNING_KEY is missing"):
        present(load_settings().signing_key, "AIMS_SIGNING_KEY")


def test_an_empty_secret_file_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = tmp_path / "token"
    empty.write_text("\n")
    monkeypatch.setenv("SLACK_BOT_TOKEN_FILE", str(empty))
    assert load_settings().slack_bot_token is None


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMS_PUBLIC_URL", "")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("TEMPORAL_TLS", "")
    settings = load_settings()
    assert settings.slack_bot_token is None
    assert "TEMPORAL_TLS" not in settings.temporal
    assert settings.public_url == "http://127.0.0.1:8042"


def test_the_slack_address_ends_with_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMS_SLACK_API_URL", "http://127.0.0.1:1/api")
    assert load_settings().slack_api_url == "http://127.0.0.1:1/api/"


def test_the_example_file_lists_exactly_the_variables_with_a_line_each() -> None:
    lines = EXAMPLE.read_text().splitlines()
    listed = {line.split("=")[0]: above for above, line in pairwise(lines) if "=" in line and line[0] != "#"}
    own = {name: line for name, line in listed.items() if not name.startswith(TEMPORAL_PREFIX)}
    assert set(own) == set(variables())
    assert all(line.startswith("# ") for line in listed.values())
    secret = {name for name, field in variables().items() if is_secret(field)}
    assert {name for name, line in own.items() if re.search(r"\bsecret\b", line.rsplit("(", 1)[-1])} == secret


def test_programs_of_the_stack_keep_little_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODYS_PASSWORD", "x")
    monkeypatch.setenv("AIMS_LOG_LEVEL", "DEBUG")
    assert inherited()["AIMS_LOG_LEVEL"] == "DEBUG"
    assert not {"SOMEBODYS_PASSWORD", "DATABASE_URL"} & set(inherited())
