"""Policies from TOML files; every problem names file, key, reason and remedy."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aims.completeness import gaps, unknown_clauses
from aims.errors import PolicyInvalid
from aims.policy.model import Policy

_LARGEST_FILE = 256 * 1024
_TABLES = {
    "roles.toml": {"roles": "roles"},
    "deadlines.toml": {"deadlines": "deadlines"},
    "tiers.toml": {"rules": "tier_rules", "cadences": "cadences"},
    "assessments.toml": {"forms": "forms"},
    "approval-matrix.toml": {"approvals": "approvals"},
}
_WHOLE = {"questionnaire.toml": "questionnaire", "risk-appetite.toml": "risk_method"}
FILES = (*_TABLES, *_WHOLE)
"""The files that make up a policy."""


@dataclass(frozen=True)
class PolicyFiles:
    """The policy files of one folder."""

    folder: Path

    def read(self) -> Policy:
        """Return the policy that the files make up.

        Raises:
            PolicyInvalid: With every problem found: file, key, reason, and what to do.
        """
        body: dict[str, Any] = {}
        origins: dict[str, str] = {}
        for name in FILES:
            for key, value in self._parts(name, _table(self.folder / name)).items():
                body[key], origins[key] = value, name
        try:
            # As JSON and strictly: a word is no switch, a number no duration, and text no number.
            policy = Policy.model_validate_json(json.dumps(body, default=str), strict=True, extra="forbid")
        except ValidationError as cause:
            raise PolicyInvalid("\n".join(_sentence(dict(error), origins) for error in cause.errors())) from cause
        problems = [*gaps(policy), *unknown_clauses(policy)]
        if problems:
            raise PolicyInvalid("\n".join(problems))
        return policy

    @staticmethod
    def _parts(name: str, table: dict[str, Any]) -> dict[str, Any]:
        if name in _WHOLE:
            return {_WHOLE[name]: table}
        unknown = sorted(set(table) - set(_TABLES[name]))
        if unknown:
            known = ", ".join(f"[[{key}]]" for key in _TABLES[name])
            raise PolicyInvalid(
                f"{name}: '{unknown[0]}' is not known here; this file holds {known}. Rename or remove it."
            )
        return {target: table.get(key, []) for key, target in _TABLES[name].items()}


def _table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise PolicyInvalid(f"{path.name} is missing in {path.parent}. Restore it from version control.")
    if path.stat().st_size > _LARGEST_FILE:
        raise PolicyInvalid(
            f"{path.name} is larger than {_LARGEST_FILE // 1024} KiB. Split what it says, or shorten it."
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as cause:
        raise PolicyInvalid(f"{path.name}: {cause}. Correct the line.") from cause


def _sentence(error: dict[str, Any], origins: dict[str, str]) -> str:
    place = [str(part) for part in error["loc"]]
    where = f"{origins.get(place[0], 'policy')}, key {'.'.join(place)}: " if place else ""
    text = str(error["msg"]).removeprefix("Value error, ")
    remedy = {"extra_forbidden": "Remove the key, or correct its spelling.", "missing": "Add the key."}
    return f"{where}{text}. {remedy.get(error['type'], 'Correct the value.')}"
