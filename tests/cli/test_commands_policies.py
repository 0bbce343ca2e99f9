"""`aims policy`: whether the files are usable, and whether their schemas are those of this version."""

import json
import shutil
from pathlib import Path

import pytest

from adapters.policy_files import FILES
from tests.cli.command_line import CommandLine
from tests.organisation import ROOT

AIMS = CommandLine()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped policies."""
    return shutil.copytree(ROOT / "policies", tmp_path / "policies")


@pytest.mark.feature(116, 131)
def test_usable_policies_have_a_digest(folder: Path) -> None:
    ran = AIMS.call("policy", "check", "--policies", folder, "--json")
    assert (ran.code, ran.json["digest"][:7]) == (0, "sha256:")
    said = AIMS.call("policy", "check", "--policies", folder)
    assert (said.code, said.out) == (0, "")
    assert ran.json["digest"] in said.err


@pytest.mark.feature(131)
def test_a_changed_threshold_is_another_digest(folder: Path) -> None:
    before = AIMS.call("policy", "check", "--policies", folder, "--json").json["digest"]
    tiers = folder / "tiers.toml"
    tiers.write_text(tiers.read_text().replace("from_score = 15", "from_score = 12"))
    assert AIMS.call("policy", "check", "--policies", folder, "--json").json["digest"] != before


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("tiers.toml", "[[rules]\n", "tiers.toml"),
        ("roles.toml", "[[rolls]]\n", "'rolls' is not known here"),
        ("questionnaire.toml", "version = 1\n", "questionnaire.toml"),
    ],
)
def test_a_broken_file_is_named_with_its_remedy(folder: Path, name: str, *, text: str, says: str) -> None:
    (folder / name).write_text(text)
    ran = AIMS.call("policy", "check", "--policies", folder)
    assert (ran.code, ran.out) == (1, "")
    assert says in ran.err


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    ran = AIMS.call("policy", "check", "--policies", folder)
    assert ran.code == 1
    assert f"{name} is missing" in ran.err


@pytest.mark.feature(131)
def test_the_schemas_are_written_and_then_up_to_date(folder: Path) -> None:
    shutil.rmtree(folder / "schema", ignore_errors=True)
    stale = AIMS.call("policy", "schema", "--policies", folder, "--check")
    assert stale.code == 1
    assert "Run `aims policy schema`" in stale.err
    assert not (folder / "schema").exists()
    assert AIMS.call("policy", "schema", "--policies", folder).code == 0
    assert AIMS.call("policy", "schema", "--policies", folder, "--check").code == 0
    written = [json.loads(path.read_text()) for path in (folder / "schema").iterdir()]
    assert len(written) == len(FILES)
