"""The environment, typed; the only reader of `os.environ`.

Every secret may be given as `<NAME>_FILE` instead: the path of a file that holds the value.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

Value = TypeVar("Value")
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]

TEMPORAL_PREFIX = "TEMPORAL_"
TEMPORAL_DEFAULTS = {"TEMPORAL_ADDRESS": "127.0.0.1:7233", "TEMPORAL_NAMESPACE": "default"}
TEMPORAL_SECRETS = ("TEMPORAL_API_KEY",)

# What a process of the embedded stack keeps from the environment it was started in.
KEPT_NAMES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
KEPT_PREFIXES = ("LC_", "SSL_CERT_", "SLACK_", "AIMS_", "OTEL_", "AWS_")


class SettingsInvalid(Exception):
    """The environment is not usable; the message names each variable and what to do."""


def _postgres_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("postgres://", "postgresql://")):
        raise ValueError("begins with postgresql://")
    return url


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres_url)]


class Settings(BaseSettings):
    """Everything the processes read from their environment; a field's description is its remedy."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=True, env_ignore_empty=True, populate_by_name=True
    )

    database_url: PostgresUrl = Field(
        validation_alias="DATABASE_URL", description="PostgreSQL URL of the application role"
    )
    migration_database_url: PostgresUrl = Field(
        default_factory=lambda known: known["database_url"],
        validation_alias="AIMS_MIGRATION_DATABASE_URL",
        description="PostgreSQL URL of the role that owns the schema; only `aims migrate` needs it",
    )
    temporal: Mapping[str, str] = Field(
        default=TEMPORAL_DEFAULTS, repr=False, description="the TEMPORAL_* variables, as Temporal's own tools read them"
    )
    task_queue: str = Field("aims", validation_alias="AIMS_TASK_QUEUE", description="task queue of the workers")
    slack_bot_token: SecretStr | None = Field(
        None, validation_alias="SLACK_BOT_TOKEN", description="bot token of the Slack app, xoxb-..."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, validation_alias="SLACK_SIGNING_SECRET", description="signing secret of the Slack app"
    )
    slack_app_token: SecretStr | None = Field(
        None, validation_alias="SLACK_APP_TOKEN", description="app-level token for Socket Mode, xapp-..."
    )
    slack_api_url: Annotated[HttpUrl, AfterValidator(_with_slash)] = Field(
        "https://slack.com/api/", validation_alias="AIMS_SLACK_API_URL", description="base URL of Slack's Web API"
    )
    slack_channel: str | None = Field(
        None, validation_alias="AIMS_SLACK_CHANNEL", description="id of the channel of the case threads"
    )
    policies: Path = Field(Path("policies"), validation_alias="AIMS_POLICIES", description="folder of the policies")
    people: Path | None = Field(None, validation_alias="AIMS_PEOPLE", description="TOML file of the people")
    signing_key: SecretStr | None = Field(
        None,
        validation_alias="AIMS_SIGNING_KEY",
        description="Ed25519 private key in PEM that signs acts; for the api only",
    )
    verify_keys: Path | None = Field(
        None, validation_alias="AIMS_VERIFY_KEYS", description="file with the public keys that verify acts, PEM blocks"
    )
    storage_url: str = Field(
        default_factory=lambda: Path(".aims/evidence").absolute().as_uri(),
        validation_alias="AIMS_STORAGE_URL",
        description="where evidence files go: file:///..., s3://..., gs://..., az://...",
    )
    checkpoints: Path = Field(
        Path(".aims/checkpoints"), validation_alias="AIMS_CHECKPOINTS", description="folder of signed checkpoints"
    )
    api_host: str = Field("127.0.0.1", validation_alias="AIMS_API_HOST", description="address the api binds")
    api_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        8042, validation_alias="AIMS_API_PORT", description="port the api binds, 1 to 65535"
    )
    public_url: HttpUrl = Field(
        default_factory=lambda known: f"http://{known['api_host']}:{known['api_port']}",
        validation_alias="AIMS_PUBLIC_URL",
        description="URL under which people reach the api, http:// or https://",
    )
    temporal_ui_url: HttpUrl = Field(
        "http://127.0.0.1:8233", validation_alias="AIMS_TEMPORAL_UI_URL", description="URL of Temporal's web pages"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", validation_alias="AIMS_LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR"
    )
    failpoints: Path | None = Field(
        None, validation_alias="AIMS_FAILPOINTS", description="folder of armed failpoints; for fault tests only"
    )

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # the library passes the sources by name
        cls, settings_cls: type[BaseSettings], **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments, then the environment, then the files of secrets, then Temporal's own variables."""
        own = (_SecretFiles(settings_cls), _TemporalVariables(settings_cls))
        return sources["init_settings"], sources["env_settings"], *own


class _Source(PydanticBaseSettingsSource):
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return nothing: the sources below answer for all fields at once."""
        return None, str(field.validation_alias or field_name), False


class _SecretFiles(_Source):
    def __call__(self) -> dict[str, Any]:
        names = [name for name, field in variables().items() if is_secret(field)]
        values = {name: _secret_from_file(name) for name in names}
        return {name: value for name, value in values.items() if value is not None}


class _TemporalVariables(_Source):
    def __call__(self) -> dict[str, Any]:
        given = {name: value for name, value in os.environ.items() if name.startswith(TEMPORAL_PREFIX) and value}
        for name in TEMPORAL_SECRETS:
            value = _secret_from_file(name)
            given |= {name: value} if value is not None else {}
            given.pop(f"{name}_FILE", None)
        return {"temporal": TEMPORAL_DEFAULTS | given}


def _secret_from_file(name: str) -> str | None:
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    if os.environ.get(name):
        raise SettingsInvalid(f"Both {name} and {name}_FILE are set. Remove one of them.")
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None  # an empty file is an unset secret
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise SettingsInvalid(f"{name}_FILE cannot be read ({reason}). Point it to a readable file.") from error


def variables() -> dict[str, FieldInfo]:
    """Return the fields that have a variable of their own, by the variable's name."""
    return {
        field.validation_alias: field
        for field in Settings.model_fields.values()
        if isinstance(field.validation_alias, str)
    }


def is_secret(field: FieldInfo) -> bool:
    """Say whether a field holds a secret, and so may come from a file."""
    return SecretStr in (field.annotation, *get_args(field.annotation))


def load_settings() -> Settings:
    """Read the environment once, at the start of a process.

    Raises:
        SettingsInvalid: When a variable is missing or not usable; all of them are named.

    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsInvalid("\n".join(_sentences(error))) from None


def present(value: Value | None, variable: str) -> Value:
    """Return an optional setting that the caller cannot do without.

    Raises:
        SettingsInvalid: When the variable is not set.

    """
    if value is None:
        raise SettingsInvalid(_missing(variable))
    return value


def inherited() -> dict[str, str]:
    """Return what the programs of the embedded stack keep from this process's environment."""
    return {name: value for name, value in os.environ.items() if name in KEPT_NAMES or name.startswith(KEPT_PREFIXES)}


def failpoint_folder() -> Path | None:
    """Return the folder of armed failpoints; read where a point lies, too deep for the settings to be handed down."""
    folder = os.environ.get("AIMS_FAILPOINTS")
    return Path(folder) if folder else None


def _sentences(error: ValidationError) -> list[str]:
    own = [each for each in error.errors(include_input=False) if each["type"] != "default_factory_not_called"]
    return [_missing(name) if kind == "missing" else _invalid(name) for name, kind in _named(own)]


def _named(errors: list[Any]) -> list[tuple[str, str]]:
    return [(str(each["loc"][0]), each["type"]) for each in errors]


def _missing(name: str) -> str:
    return f"{name} is missing. Set it{_or_file(name)}: {variables()[name].description}. See .env.example."


def _invalid(name: str) -> str:
    known = variables().get(name)
    expected = known.description if known else name
    return f"{name} is not usable. Expected: {expected}. See .env.example."


def _or_file(name: str) -> str:
    return f" (or {name}_FILE)" if is_secret(variables()[name]) else ""
