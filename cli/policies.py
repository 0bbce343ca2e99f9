"""Commands about policies: check them, and keep the JSON Schemas beside them up to date."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, create_model

from adapters.policy_files import FILES, PolicyFiles
from aims.approval import ApprovalRule
from aims.classification import Questionnaire
from aims.deadlines import Deadline
from aims.errors import PolicyInvalid
from aims.forms import Form
from aims.policy.model import Cadence, Role, TierRule
from aims.risk import RiskMethod
from cli.output import AsJson, print_json, say

app = typer.Typer(help="Policies: what the organisation decided.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("--policies", envvar="AIMS_POLICIES", help="Folder of the policy files.")]
_MODELS: dict[str, type[BaseModel]] = {
    "roles.toml": create_model("Roles", roles=(list[Role], ...)),
    "deadlines.toml": create_model("Deadlines", deadlines=(list[Deadline], ...)),
    "tiers.toml": create_model("Tiers", rules=(list[TierRule], ...), cadences=(list[Cadence], ...)),
    "assessments.toml": create_model("Assessments", forms=(list[Form], ...)),
    "approval-matrix.toml": create_model("ApprovalMatrix", approvals=(list[ApprovalRule], ...)),
    "questionnaire.toml": Questionnaire,
    "risk-appetite.toml": RiskMethod,
}


@app.command("check")
def check(folder: Folder = Path("policies"), *, as_json: AsJson = False) -> None:
    """Say whether the policy files are usable, and under which digest they would rule."""
    policy = PolicyFiles(folder).read()
    found = {"digest": policy.digest(), "approvals": len(policy.approvals), "forms": len(policy.forms)}
    if as_json:
        print_json(found)
    else:
        say(f"The policy is usable. Digest {policy.digest()}.")


@app.command("schema")
def schema(
    folder: Folder = Path("policies"),
    *,
    only_check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when a schema is stale.")] = False,
) -> None:
    """Write a JSON Schema for each policy file, for editors and for review."""
    stale = [name for name in FILES if _stale(folder, name)]
    if only_check and stale:
        raise PolicyInvalid(f"The schemas of {', '.join(stale)} are stale. Run `aims policy schema`.")
    for name in stale:
        path = _path(folder, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(_text(name), encoding="utf-8")
    say(f"{len(stale)} schemas written." if stale and not only_check else "The schemas are up to date.")


def _stale(folder: Path, name: str) -> bool:
    path = _path(folder, name)
    return not path.is_file() or path.read_text(encoding="utf-8") != _text(name)


def _path(folder: Path, name: str) -> Path:
    return folder / "schema" / name.replace(".toml", ".schema.json")


def _text(name: str) -> str:
    body: dict[str, Any] = _MODELS[name].model_json_schema()
    body["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(body, indent=2, sort_keys=True) + "\n"
