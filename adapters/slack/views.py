"""Modals of Slack, without a client; only elements that every Slack client shows."""

from collections.abc import Iterator, Sequence

from adapters.slack.actions import PressValue, SlackId, SystemDraft, field_block
from adapters.slack.blocks import escaped, markup, plain
from adapters.slack.limits import (
    BLOCKS_IN_VIEW,
    CHECKBOXES,
    INPUT_LABEL,
    LABEL,
    OPTION_VALUE,
    PLAIN_INPUT,
    SECTION,
    SELECT,
    TITLE,
    Block,
)
from aims.approval import Verdict
from aims.casefile import CaseView
from aims.classification import CLASS_ORDER, Question, Questionnaire, RiskClass
from aims.errors import Invalid
from aims.forms import FieldKind, Form, FormField

View = Block
HINT = 300
LONGEST = {"name": 120, "key": 63, "purpose": 1_000, "unit": 60, "owner": 254}
"""Characters that the inputs of the first step take; no field of a request holds fewer."""
SURE, UNSURE = "sure", "unsure"
CLASSES = {
    RiskClass.PROHIBITED: "Uses that the law may forbid",
    RiskClass.HIGH: "Uses that may be high risk",
    RiskClass.TRANSPARENCY: "People may have to be told",
    RiskClass.MINIMAL: "Everything else",
}
REASONS = {Verdict.REJECT: SlackId.REASON_REJECT, Verdict.REQUEST_CHANGES: SlackId.REASON_CHANGES}
_SAID = {Verdict.REJECT: "Reject", Verdict.REQUEST_CHANGES: "Request changes"}


def new_system_view() -> View:
    """Return the first step of a request: what the system is."""
    return _modal(
        "New AI system",
        SlackId.NEW_SYSTEM,
        submit="Next",
        blocks=[
            _section("Step 1 of 2: what the system is. The questions about its use come next."),
            _text("name", "Name", most=LONGEST["name"], hint="As people call it, for example: Credit scorer"),
            _text(
                "key",
                "Key",
                most=LONGEST["key"],
                hint="Short and stable: small letters, digits and hyphens, like credit-scorer",
            ),
            _text(
                "purpose",
                "Purpose",
                most=LONGEST["purpose"],
                multiline=True,
                hint="What it does, for whom, and with which data",
            ),
            _text("unit", "Business unit", most=LONGEST["unit"], optional=True),
            _text(
                "owner",
                "Owner",
                most=LONGEST["owner"],
                optional=True,
                hint="E-mail of the accountable person; empty: you",
            ),
        ],
    )


def questionnaire_view(questionnaire: Questionnaire, draft: SystemDraft) -> View:
    """Return the second step: what the system does, one pair of lists for each group of questions."""
    blocks = [_section(f"Step 2 of 2: tick what holds for {draft.name}. What you do not tick counts as no.")]
    for risk_class in reversed(CLASS_ORDER):
        questions = [question for question in questionnaire.questions if question.risk_class is risk_class]
        if questions:
            blocks.append({"type": "header", "text": plain(CLASSES[risk_class], LABEL)})
        blocks += _question_blocks(questions, risk_class)
    return _modal("New AI system", SlackId.NEW_ANSWERS, submit="Submit", blocks=blocks, metadata=draft.encode())


def reason_view(value: PressValue, verdict: Verdict) -> View:
    """Return the modal that asks why somebody rejects or wants changes."""
    return _modal(
        _SAID[verdict],
        REASONS[verdict],
        submit=_SAID[verdict],
        metadata=value.encode(),
        blocks=[
            _section("Your reason goes into the record and to the requester."),
            _text("reason", "Reason", most=PLAIN_INPUT, multiline=True, hint="What has to be different, and why"),
        ],
    )


def form_view(form: Form, case: CaseView) -> View:
    """Return the modal of an owed form.

    Raises:
        Invalid: When the form has more fields than a modal can show.

    """
    if len(form.fields) >= BLOCKS_IN_VIEW:
        raise Invalid("This form is too long for Slack. Fill it in through the REST interface.")
    value = PressValue(case=case.id, step=case.step, digest=case.digest)
    about = f"{form.title}: {case.system}\nDue {case.due_at:%d %b %Y %H:%M} UTC"
    return _modal(
        form.title,
        SlackId.FORM,
        submit="Submit",
        metadata=value.encode(),
        blocks=[_section(about), *(_field(field) for field in form.fields)],
    )


def notice_view(title: str, sentence: str) -> View:
    """Return a modal that only says something: taken, refused and why."""
    return _modal(title, SlackId.NOTICE, blocks=[_section(sentence)])


def working_view(what: str) -> View:
    """Return the modal for an act that is stored and being worked on."""
    return notice_view("Taken", f":white_check_mark: {what} It is recorded and being worked on; you can close this.")


def sure_block(risk_class: RiskClass, number: int) -> str:
    """Return the block id of the `number`-th list of what a system does."""
    return field_block(f"{SURE}.{risk_class}.{number}")


def unsure_block(risk_class: RiskClass, number: int) -> str:
    """Return the block id of the `number`-th list of what the requester does not know."""
    return field_block(f"{UNSURE}.{risk_class}.{number}")


def _modal(title: str, callback: SlackId, *, blocks: Sequence[Block], submit: str = "", metadata: str = "") -> View:
    view: View = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, TITLE),
        "close": plain("Cancel" if submit else "Close", TITLE),
        "blocks": list(blocks),
    }
    if submit:
        view["submit"] = plain(submit, TITLE)
    return view | ({"private_metadata": metadata} if metadata else {})


def _section(text: str) -> Block:
    return {"type": "section", "text": markup(escaped(text, SECTION))}


def _text(
    name: str, label: str, *, most: int, hint: str = "", multiline: bool = False, optional: bool = False
) -> Block:
    element = {"type": "plain_text_input", "action_id": SlackId.VALUE, "multiline": multiline, "max_length": most}
    return _input(name, label, element=element, hint=hint, optional=optional)


def _input(name: str, label: str, *, element: Block, hint: str = "", optional: bool = False) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field_block(name),
        "label": plain(label, INPUT_LABEL),
        "optional": optional,
        "element": element,
    }
    return block | ({"hint": plain(hint, HINT)} if hint else {})


def _question_blocks(questions: Sequence[Question], risk_class: RiskClass) -> Iterator[Block]:
    parts = [questions[start : start + CHECKBOXES] for start in range(0, len(questions), CHECKBOXES)]
    for number, part in enumerate(parts):
        options = [_option(question.label, question.id) for question in part]
        for kind, label in ((SURE, "It does any of these"), (UNSURE, "I am not sure about")):
            element = {"type": "checkboxes", "action_id": SlackId.VALUE, "options": options}
            yield _input(f"{kind}.{risk_class}.{number}", label, element=element, optional=True)


def _option(label: str, value: str) -> Block:
    return {"text": plain(label, LABEL), "value": value[:OPTION_VALUE]}


def _field(field: FormField) -> Block:
    optional = not field.required
    if field.kind is FieldKind.CHOICE:
        options = [_option(choice, choice) for choice in field.choices[:SELECT]]
        element = {"type": "static_select", "action_id": SlackId.VALUE, "options": options}
        return _input(field.id, field.label, element=element, optional=optional)
    hints = {
        FieldKind.NUMBER: f"A whole number from {field.least} to {field.most}",
        FieldKind.EVIDENCE: "Digest of an uploaded file, sha256:...",
    }
    multiline = field.kind is FieldKind.TEXT
    most = PLAIN_INPUT if multiline else OPTION_VALUE
    return _text(
        field.id, field.label, most=most, hint=hints.get(field.kind, ""), multiline=multiline, optional=optional
    )
