"""Policies from files: what is wrong is named by file, key, reason and remedy; formatting changes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.policy_files import FILES, PolicyFiles
from aims.errors import PolicyInvalid
from tests.policies.shipped import FOLDER, copied, edit, shipped


@pytest.fixture
def files(tmp_path: Path) -> PolicyFiles:
    """Return a copy of the shipped files."""
    return copied(tmp_path)


def problem(files: PolicyFiles) -> str:
    """Return why the files are refused."""
    with pytest.raises(PolicyInvalid) as broken:
        files.read()
    return broken.value.sentence


# file, what stands there, what is written instead, what the sentence holds
WRONG: dict[str, tuple[str, str, str, list[str]]] = {
    "unknown key": (
        "deadlines.toml",
        'remind_after = "P3D"',
        'remind_after = "P3D"\nremind_often = true',
        ["deadlines.toml, key deadlines.0.remind_often:", "Extra inputs", "Remove the key, or correct its spelling."],
    ),
    "unknown key deep inside": (
        "approval-matrix.toml",
        'rule = "any"',
        'rule = "any"\nquorum = 2',
        ["approval-matrix.toml, key approvals.0.stages.0.groups.0.quorum:", "Remove the key"],
    ),
    "unknown table": ("tiers.toml", "[[cadences]]", "[[cadence]]", ["tiers.toml: 'cadence'", "[[cadences]]", "Rename"]),
    "missing key": (
        "roles.toml",
        'rationale = "Assesses risk by the method in risk-appetite.toml."',
        "",
        ["roles.toml, key roles.1.rationale:", "required", "Add the key."],
    ),
    "wrong type": (
        "assessments.toml",
        "most = 5",
        'most = "5"',
        ["assessments.toml, key forms.2.fields.0.most:", "valid integer", "Correct the value."],
    ),
    "word for a switch": (
        "approval-matrix.toml",
        "automatic = true",
        'automatic = "no"',
        ["approval-matrix.toml, key approvals.2.automatic:", "valid boolean", "Correct the value."],
    ),
    "number for a duration": (
        "deadlines.toml",
        'remind_after = "P3D"',
        "remind_after = 3",
        ["deadlines.toml, key deadlines.0.remind_after:", "valid duration", "Correct the value."],
    ),
    "duration that is none": (
        "deadlines.toml",
        '"P3D"',
        '"three days"',
        ["deadlines.toml, key deadlines.0.remind_after:", "Correct the value."],
    ),
    "deadlines out of order": (
        "deadlines.toml",
        '"P7D"',
        '"P22D"',
        ["deadlines.toml, key deadlines.0:", "grow in this order", "Correct the value."],
    ),
    "unknown role": (
        "approval-matrix.toml",
        'role = "security-officer"',
        'role = "security-wizard"',
        ["approval-matrix.toml, approval 'use-high'", "role 'security-wizard' does not exist", "add it or name one of"],
    ),
    "unknown deadline": (
        "assessments.toml",
        'deadline = "assessment"',
        'deadline = "someday"',
        ["assessments.toml, form 'revision'", "deadline 'someday' does not exist", "add it or name one of"],
    ),
    "doubled id": (
        "roles.toml",
        'id = "risk-owner"',
        'id = "governance-lead"',
        ["roles.toml: id 'governance-lead' stands twice", "give each rule its own id"],
    ),
    "unknown tier": (
        "tiers.toml",
        'tier = "high"',
        'tier = "huge"',
        ["tiers.toml, key tier_rules.1.tier:", "'minimal'"],
    ),
    "wrong clause": ("roles.toml", 'clause = "5.3"', 'clause = "1.2"', ["roles.toml", "'1.2' is neither a clause"]),
    "wrong conclusions": (
        "assessments.toml",
        '["continue", "reassess", "suspend", "decommission"]',
        '["fine", "not fine"]',
        ["assessments.toml, form 'periodic-review'", "needs a choice 'conclusion' of continue"],
    ),
    "uncovered class": (
        "tiers.toml",
        'classes = ["transparency"]',
        'classes = ["minimal"]',
        ["tiers.toml has no rule for class 'transparency'", "Add one"],
    ),
    "uncovered tier": (
        "approval-matrix.toml",
        'tiers = ["minimal", "limited", "high"]',
        'tiers = ["limited", "high"]',
        ["approval-matrix.toml has no approval of 'decommissioning' for tier 'minimal'", "Add one"],
    ),
    "wrong appetite": (
        "risk-appetite.toml",
        'appetite = "moderate"',
        'appetite = "brave"',
        ["risk-appetite.toml, key risk_method:", "appetite 'brave' names no level"],
    ),
    "no TOML": ("tiers.toml", "[[rules]]", "[[rules]", ["tiers.toml:", "line", "Correct the line."]),
    "a key twice": ("tiers.toml", 'tier = "prohibited"', 'tier = "high"\ntier = "high"', ["tiers.toml:", "overwrite"]),
    "nesting without end": ("tiers.toml", "[[rules]]", f"x = {'[' * 20_000}", ["tiers.toml:", "Correct the line."]),
}


@pytest.mark.feature(131)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_problem_is_named_with_its_place_and_its_remedy(files: PolicyFiles, wrong: str) -> None:
    name, old, new, said = WRONG[wrong]
    edit(files, name, old=old, new=new)
    sentence = problem(files)
    assert [part for part in said if part not in sentence] == []


def into_folder(path: Path) -> None:
    """Put a folder in the place of a file."""
    path.unlink()
    path.mkdir()


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "is missing in"),
    "a folder": (into_folder, "is missing in"),
    "too large": (lambda path: path.write_text("#" * (256 * 1024 + 1)), "is larger than 256 KiB"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "Correct the line."),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_cannot_be_read_is_named(files: PolicyFiles, name: str, how: str) -> None:
    spoil, said = BROKEN[how]
    spoil(files.folder / name)
    sentence = problem(files)
    assert sentence.startswith(name)
    assert said in sentence


def test_an_empty_table_leaves_no_case_without_a_word(files: PolicyFiles) -> None:
    (files.folder / "assessments.toml").write_text("", encoding="utf-8")
    assert "assessments.toml has no form with purpose 'clarification'" in problem(files)


def test_all_problems_are_named_at_once(files: PolicyFiles) -> None:
    edit(files, "deadlines.toml", old='"P3D"', new="3")
    edit(files, "assessments.toml", old="most = 5", new="most = true")
    assert len(problem(files).splitlines()) == 2


@pytest.mark.feature(26, 131)
def test_formatting_and_comments_never_change_the_digest(files: PolicyFiles) -> None:
    for name in FILES:
        path = files.folder / name
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line.replace(" = ", "   =   ") for line in lines if not line.startswith("#")]
        path.write_text("# another comment\r\n" + "\r\n\r\n".join(kept) + "\r\n", encoding="utf-8")
    edit(files, "deadlines.toml", old='"P21D"', new="'P3W'")
    assert files.read().digest() == shipped().digest()


# One value of every kind of rule; each makes another policy.
CHANGES = [
    ("deadlines.toml", '"P21D"', '"P22D"'),
    ("tiers.toml", "from_score = 15", "from_score = 16"),
    ("tiers.toml", '"P730D"', '"P729D"'),
    ("risk-appetite.toml", 'appetite = "moderate"', 'appetite = "low"'),
    ("risk-appetite.toml", "from_score = 17", "from_score = 18"),
    ("questionnaire.toml", 'version = "2026-11"', 'version = "2026-12"'),
    ("questionnaire.toml", "2025-02-02", "2025-02-03"),
    ("questionnaire.toml", 'source = "off"', 'source = "one"'),
    ("assessments.toml", "least = 1", "least = 2"),
    ("assessments.toml", 'label = "How do you know?"', 'label = "How?"'),
    ("approval-matrix.toml", 'escalate_to = "governance-lead"', ""),
    ("approval-matrix.toml", "at_least = 1", "at_least = 2"),
    ("approval-matrix.toml", 'reasons_for = ["reject", "request_changes"]', "reasons_for = []"),
    ("roles.toml", 'title = "Auditor"', 'title = "Inspector"'),
    ("roles.toml", "Reads everything, changes nothing.", "Reads everything; changes nothing."),
]


@pytest.mark.feature(26, 131)
@pytest.mark.parametrize(("name", "old", "new"), CHANGES)
def test_any_changed_value_changes_the_digest_of_the_next_policy_and_of_no_earlier_one(
    files: PolicyFiles, name: str, old: str, new: str
) -> None:
    earlier = files.read()
    edit(files, name, old=old, new=new)
    assert files.read().digest() != earlier.digest() == shipped().digest()


def test_the_shipped_folder_holds_exactly_the_files_that_are_read() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.toml")) == sorted(FILES)
