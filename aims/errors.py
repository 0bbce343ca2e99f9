"""The tree of broken rules. Each carries a sentence for people that says what to do."""

import re
from collections.abc import Mapping
from typing import ClassVar


def pointer(*parts: str) -> str:
    """Return the JSON pointer (RFC 6901) of a place in the input."""
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


class AimsError(Exception):
    """A rule was broken; final: trying again changes nothing until the caller acts."""

    title: ClassVar[str] = "A rule was broken"

    def __init__(self, sentence: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fields: dict[str, str] = dict(fields or {})

    @classmethod
    def kind(cls) -> str:
        """Return the rule's name in kebab-case, as it stands in problem documents."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class NotPermitted(AimsError):
    """The person may not do this."""

    title = "Not permitted"


class Unauthenticated(NotPermitted):
    """Nobody known asked."""

    title = "Not authenticated"


class UnknownPerson(NotPermitted):
    """The account is not bound to a person of the organisation."""

    title = "Unknown person"


class NotAssigned(NotPermitted):
    """The person is not among those who are asked at this step."""

    title = "Not asked"


class RoleMissing(NotPermitted):
    """The person does not hold the role at this moment."""

    title = "Role missing"


class SeparationOfDutiesViolated(NotPermitted):
    """The person took part in what is decided."""

    title = "Separation of duties"


class ForgedAct(NotPermitted):
    """The act does not carry the entrance's valid signature."""

    title = "Act not signed by an entrance"


class InvalidTransition(AimsError):
    """The process is not in a state where this is possible."""

    title = "Not possible now"


class AlreadyDecided(InvalidTransition):
    """The person, or the step, has decided already."""

    title = "Already decided"


class Closed(InvalidTransition):
    """The process has ended."""

    title = "Already closed"


class StaleContent(InvalidTransition):
    """The content changed after the person saw it."""

    title = "This changed since you looked"


class KeyTaken(InvalidTransition):
    """An AI system with this key exists."""

    title = "Key taken"


class NotFound(AimsError):
    """Nothing with this name is visible to the caller."""

    title = "Not found"


class Invalid(AimsError):
    """The input is not of the form that is needed; `fields` names each place by JSON pointer."""

    title = "Input not valid"


class TooLarge(Invalid):
    """The input exceeds a limit."""

    title = "Input too large"


class Incomplete(AimsError):
    """Something that is needed is missing."""

    title = "Incomplete"


class ReasonMissing(Incomplete):
    """The policy wants a reason for this decision."""

    title = "Reason needed"


class EvidenceMissing(Incomplete):
    """A piece of evidence that the form needs is not stored."""

    title = "Evidence missing"


class Unreachable(Incomplete):
    """A person cannot be reached through a channel; somebody else has to be asked."""

    title = "Person not reachable"


class ApprovalNotEvidenced(Incomplete):
    """Signed acts in the record do not add up to the approvals that the policy requires."""

    title = "Required approvals not evidenced"


class PolicyConflict(AimsError):
    """The policy gives no usable answer."""

    title = "Policy conflict"


class PolicyInvalid(PolicyConflict):
    """A policy file is not usable; the sentence names file, key, reason and remedy."""

    title = "Policy not valid"


class NoMatchingRule(PolicyConflict):
    """No rule of the policy covers the case."""

    title = "No matching rule"
