"""The people of an organisation from a TOML file; names file, key, reason and remedy of every problem."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aims.errors import Invalid
from aims.people import Person


def read_people(path: Path) -> list[Person]:
    """Return the people of a file.

    Raises:
        Invalid: When the file is missing or not usable; says where and what to do.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        remedy = "Point AIMS_PEOPLE to the file of the people."
        raise Invalid(f"{path} cannot be read: {cause.strerror}. {remedy}") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as cause:
        raise Invalid(f"{path.name}: {cause}. Correct the line.") from cause
    rows = _rows(path.name, table)
    people = [_person(row, f"{path.name}, person {number}") for number, row in enumerate(rows, start=1)]
    if not people:
        raise Invalid(f"{path.name} names nobody. Add [[people]] with id, name, email and roles.")
    _refuse_doubles(path.name, people)
    return people


def _rows(name: str, table: dict[str, Any]) -> list[Any]:
    unknown = sorted(set(table) - {"people"})
    if unknown:
        raise Invalid(f"{name}: '{unknown[0]}' is not known here; this file holds [[people]]. Rename or remove it.")
    rows = table.get("people", [])
    if not isinstance(rows, list):
        raise Invalid(f"{name}: 'people' is no list of tables. Write [[people]] above each person.")
    return rows


def _person(row: object, place: str) -> Person:
    try:
        return Person.model_validate(row, extra="forbid")
    except ValidationError as cause:
        problem = cause.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise Invalid(f"{place}, key {key}: {problem['msg']}. Correct the value.") from cause


def _refuse_doubles(name: str, people: list[Person]) -> None:
    for key, values in {"id": [one.id for one in people], "email": [one.email.lower() for one in people]}.items():
        doubled = next((value for value in values if values.count(value) > 1), None)
        if doubled:
            raise Invalid(f"{name}: {key} '{doubled}' stands twice. Give each person one of their own.")
