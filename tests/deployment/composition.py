"""The compose file as its engine reads it: variables filled in, anchors resolved."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
# ${NAME}, ${NAME:-used when empty}, ${NAME:+used when not empty}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-+])(?P<other>[^}]*))?\}")
SLACK_ON = {"AIMS_SLACK_CHANNEL": "C0AIGOV"}

Service = Mapping[str, Any]


def read_compose(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the compose file with these variables set and no others."""
    content: dict[str, Any] = _filled(YAML(typ="safe", pure=True).load(COMPOSE), variables or {})
    return content


def services(variables: Mapping[str, str] | None = None) -> dict[str, Service]:
    """Return the services by name."""
    found: dict[str, Service] = read_compose(variables)["services"]
    return found


def image_name(service: Service) -> str:
    """Return the image without its tag."""
    name: str = service["image"].partition(":")[0]
    return name


def mounted_files(service: Service) -> list[str]:
    """Return what of this repository a service sees, as paths from its root."""
    return [each.split(":")[0] for each in service.get("volumes", []) if each.startswith("./")]


def _filled(part: Any, variables: Mapping[str, str]) -> Any:
    # After parsing, as the engine does: what becomes empty is an empty text, not nothing.
    if isinstance(part, dict):
        return {key: _filled(value, variables) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(each, variables) for each in part]
    return VARIABLE.sub(lambda found: _value(found, variables), part) if isinstance(part, str) else part


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    value, other = variables.get(found["name"], ""), found["other"] or ""
    if found["how"] == "+":
        return other if value else ""
    return value or other
