"""The people of an organisation from a file: what is wrong is named with its place and its remedy."""

from pathlib import Path

import pytest

from adapters.people_file import read_people
from aims.errors import Invalid
from aims.people import Person

ADA = """
[[people]]
id = "ada"
name = "Ada Assessor"
email = "ada@example.org"
roles = ["assessor"]
"""
BEN = ADA.replace("ada", "ben").replace("Ada", "Ben")

WRONG: dict[str, tuple[str, list[str]]] = {
    "nobody": ("", ["names nobody", "Add [[people]]"]),
    "no table": ("people = 3", ["'people' is no list of tables", "Write [[people]]"]),
    "one table": (ADA.replace("[[people]]", "[people]"), ["'people' is no list of tables", "Write [[people]]"]),
    "a list of words": ('people = ["ada"]', ["person 1", "Correct the value."]),
    "another table": (ADA + BEN.replace("[[people]]", "[[persons]]"), ["'persons' is not known here", "[[people]]"]),
    "an unknown key": (ADA + "admin = true", ["person 1, key admin:", "Extra inputs"]),
    "a missing key": (ADA + BEN.replace('name = "Ben Assessor"', ""), ["person 2, key name:", "required"]),
    "a name for an id": (ADA.replace('"ada"', '"Ada Assessor"'), ["person 1, key id:", "Correct the value."]),
    "a role that is no id": (ADA.replace('["assessor"]', '["Assessor!"]'), ["person 1, key roles.0:"]),
    "an id twice": (
        ADA + BEN.replace('"ben"', '"ada"'),
        ["id 'ada' stands twice", "Give each person one of their own."],
    ),
    "an address twice": (ADA + BEN.replace("ben@", "ADA@"), ["email 'ada@example.org' stands twice"]),
    "no TOML": ("[[people", ["Correct the line."]),
    "nesting without end": (f"people = {'[' * 20_000}", ["Correct the line."]),
}


def write(folder: Path, text: str) -> Path:
    """Return a file of people with this text."""
    path = folder / "people.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_people_are_read_as_they_stand(tmp_path: Path) -> None:
    people = read_people(write(tmp_path, ADA + BEN + 'manager = "ada"\nactive = false'))
    assert people == [
        Person(id="ada", name="Ada Assessor", email="ada@example.org", roles=["assessor"]),
        Person(id="ben", name="Ben Assessor", email="ben@example.org", roles=["assessor"], manager="ada", active=False),
    ]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_problem_is_named_with_its_place_and_its_remedy(tmp_path: Path, wrong: str) -> None:
    text, said = WRONG[wrong]
    with pytest.raises(Invalid) as broken:
        read_people(write(tmp_path, text))
    assert broken.value.sentence.startswith("people.toml")
    assert [part for part in said if part not in broken.value.sentence] == []


def test_a_missing_file_is_named_with_the_setting_that_leads_to_it(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"people\.toml cannot be read: No such file.* Point AIMS_PEOPLE"):
        read_people(tmp_path / "people.toml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match=r"people\.toml: .*Correct the line"):
        read_people(path)
