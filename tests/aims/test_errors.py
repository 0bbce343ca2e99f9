"""Broken rules have names of their own and a sentence for people."""

from collections.abc import Iterator

from aims.errors import AimsError, Invalid, SeparationOfDutiesViolated


def every_rule(top: type[AimsError] = AimsError) -> Iterator[type[AimsError]]:
    """Find every broken rule that can be raised."""
    yield top
    for rule in top.__subclasses__():
        yield from every_rule(rule)


def test_a_rule_is_named_in_problem_documents_as_in_the_code() -> None:
    assert SeparationOfDutiesViolated.kind() == "separation-of-duties-violated"
    assert Invalid.kind() == "invalid"


def test_no_two_rules_share_a_name_or_a_title() -> None:
    rules = list(every_rule())
    assert len({rule.kind() for rule in rules}) == len({rule.title for rule in rules}) == len(rules)


def test_a_broken_rule_carries_its_sentence_and_a_copy_of_its_places() -> None:
    places = {"/content/impact": "is required"}
    broken = Invalid("Incomplete.", fields=places)
    places.clear()
    assert (str(broken), broken.sentence) == ("Incomplete.", "Incomplete.")
    assert broken.fields == {"/content/impact": "is required"}
    assert Invalid("No places.").fields == {}
