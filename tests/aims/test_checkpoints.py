"""Checkpoints: signed text that says what the ledger was, and what a ledger is compared with."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from aims.acts import ActKind, verify_keys_of
from aims.checkpoints import LONGEST_NOTE, ORIGIN, Checkpoint, note_key, opened_note, signed_note
from aims.errors import Invalid
from aims.evidence import ChainedEntry
from aims.inspection import MOST_FINDINGS, Finding, Inspection, leaf_of, sorted_out
from aims.merkle import root_of
from tests.aims.test_evidence import SOUND, chained
from tests.builders import FOREIGN_KEY, KEY, KEYS, entry, signed

POINT = Checkpoint(size=7, root="0a" * 32, head="0b" * 32)
NOTE = signed_note(POINT, KEY)
FOREIGN = signed_note(POINT, FOREIGN_KEY)


def refused(note: str) -> str:
    """Return why a note is refused."""
    with pytest.raises(Invalid) as rule:
        opened_note(note, KEYS)
    return rule.value.sentence


def signature_line(note: str) -> str:
    """Return the line below the blank one."""
    return note.rpartition("\n\n")[2]


def seen(entries: list[ChainedEntry], *checkpoints: Checkpoint) -> Inspection:
    """Return an inspection that took the entries."""
    inspection = Inspection(checkpoints)
    for one in entries:
        inspection.take(one)
    return inspection


def kinds(found: list[Finding]) -> list[str]:
    """Return the kinds of findings."""
    return [one.kind for one in found]


@pytest.mark.feature(94)
@pytest.mark.clause("7.5.3")
def test_a_note_has_the_published_form() -> None:
    origin, size, root, head, blank, line, end = NOTE.split("\n")
    assert (origin, size, root) == (ORIGIN, "7", base64.b64encode(b"\x0a" * 32).decode())
    assert (head, blank, end) == ("head " + "0b" * 32, "", "")
    public = KEY.public_key().public_bytes_raw()
    key_id = hashlib.sha256(f"{ORIGIN}\n".encode() + b"\x01" + public).digest()[:4]
    dash, name, signature = line.split(" ")
    assert (dash, name, base64.b64decode(signature)[:4]) == ("\N{EM DASH}", ORIGIN, key_id)
    text = f"{origin}\n{size}\n{root}\n{head}\n"
    KEY.public_key().verify(base64.b64decode(signature)[4:], text.encode())
    assert note_key(public) == f"{ORIGIN}+{key_id.hex()}+{base64.b64encode(b'%c' % 1 + public).decode()}"


@given(st.integers(0, 10**17), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_read_back(size: int, root: bytes, head: bytes) -> None:
    point = Checkpoint(size=size, root=root.hex(), head=head.hex())
    assert opened_note(signed_note(point, KEY), KEYS) == point


def test_signatures_of_unknown_keys_are_ignored_beside_a_known_one() -> None:
    other = signature_line(NOTE).replace(ORIGIN, "witness.example")
    for note in (NOTE + signature_line(FOREIGN), NOTE + other):
        assert opened_note(note, KEYS) == POINT


@pytest.mark.feature(94)
def test_a_note_of_a_foreign_key_is_refused() -> None:
    assert "None of the keys" in refused(FOREIGN)
    assert "None of the keys" in refused(NOTE.replace(f" {ORIGIN} ", " witness.example "))


@pytest.mark.feature(94)
def test_a_forged_signature_spoils_the_note() -> None:
    assert "forged" in refused(NOTE.replace("\n7\n", "\n8\n"))
    altered = NOTE.replace("head 0b", "head 0c")
    assert "forged" in refused(altered)
    assert "forged" in refused(NOTE + signature_line(signed_note(POINT.model_copy(update={"size": 8}), KEY)))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "not a note",
        NOTE.removesuffix("\n"),
        NOTE + "\n",
        NOTE.replace("\N{EM DASH}", "-"),
        NOTE.replace(ORIGIN, "another.log"),
        NOTE.replace("\n7\n", "\n07\n"),
        NOTE.replace("\n7\n", "\n-7\n"),
        NOTE.replace("\nhead", "\nextra\nhead"),
        NOTE.replace("=\nhead", "\nhead"),
        NOTE.rpartition(" ")[0] + " not base64\n",
        NOTE + signature_line(FOREIGN) * (LONGEST_NOTE // 100),
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    assert refused(note) == "This is no checkpoint of an AIMS ledger."


@given(st.text(max_size=200))
def test_any_text_is_refused_with_a_sentence(text: str) -> None:
    assert refused(text)
    assert refused(NOTE.rpartition("\n\n")[0] + "\n\n" + text)


def test_an_act_and_a_checkpoint_never_carry_one_anothers_signature() -> None:
    act = signed(ActKind.VOTE, "lena", case="approval:1")
    key_id = base64.b64decode(signature_line(NOTE).split(" ")[2])[:4]
    stolen = base64.b64encode(key_id + base64.b64decode(act.signature)).decode()
    assert "forged" in refused(f"{POINT.text()}\n\N{EM DASH} {ORIGIN} {stolen}\n")


def test_a_retired_key_still_counts_while_it_is_known() -> None:
    both = verify_keys_of(KEY.public_key(), FOREIGN_KEY.public_key())
    assert opened_note(FOREIGN, both) == opened_note(NOTE, both) == POINT


def test_a_checkpoint_holds_the_root_over_the_hashes_and_the_last_hash() -> None:
    point = seen(SOUND).checkpoint()
    root = root_of([leaf_of(one.hash) for one in SOUND]).hex()
    assert (point.size, point.root, point.head) == (len(SOUND), root, SOUND[-1].hash)
    assert seen([]).checkpoint().head == "0" * 64


@pytest.mark.feature(94)
def test_a_ledger_holds_against_every_checkpoint_made_of_it() -> None:
    points = [seen(SOUND[:size]).checkpoint() for size in range(len(SOUND) + 1)]
    assert seen(SOUND, *points).close() == []


@pytest.mark.feature(94)
@pytest.mark.parametrize("left", range(len(SOUND)))
def test_an_end_that_was_cut_off_is_found(left: int) -> None:
    assert kinds(seen(SOUND[:left], seen(SOUND).checkpoint()).close()) == ["truncated"]


def rewritten() -> list[ChainedEntry]:
    """Return a chain that holds in itself and is not the sound one."""
    entries: list[ChainedEntry] = []
    for number in range(len(SOUND)):
        payload = entry(f"other-{number}", "credit-scorer").payload()
        entries.append(chained(payload, after=entries[-1] if entries else None))
    return entries


@pytest.mark.feature(94)
def test_a_rewritten_chain_is_found() -> None:
    assert kinds(seen(rewritten(), seen(SOUND[:3]).checkpoint()).close()) == ["rewritten"]


@pytest.mark.feature(94)
def test_checkpoints_that_do_not_extend_one_another_are_found() -> None:
    old, new = seen(SOUND[:3]).checkpoint(), seen(rewritten()).checkpoint()
    assert kinds(seen(rewritten(), old, new).close()) == ["fork"]


def test_the_remembered_head_is_the_last_entry() -> None:
    for last, found in ((SOUND[-1], []), (SOUND[-2], ["head"])):
        inspection = seen(SOUND)
        inspection.meet(last.seq, last.hash)
        assert kinds(inspection.close()) == found


def test_notes_count_under_the_size_that_they_speak_of() -> None:
    genuine, wrong = sorted_out({7: NOTE, 8: NOTE, 9: FOREIGN}, KEYS)
    assert genuine == [POINT]
    assert [one.sentence() for one in wrong] == [
        "The checkpoint of 8 entries speaks of 7 entries.",
        "The checkpoint of 9 entries does not count: None of the keys of AIMS_VERIFY_KEYS signed this note.",
    ]


def test_no_more_findings_are_kept_than_people_read() -> None:
    inspection = Inspection()
    for seq in range(MOST_FINDINGS + 5):
        inspection.find("chain", seq, reason="was altered")
    assert (inspection.count, len(inspection.close())) == (MOST_FINDINGS + 5, MOST_FINDINGS)


def test_a_new_key_signs_a_note_of_its_own() -> None:
    key = Ed25519PrivateKey.generate()
    assert opened_note(signed_note(POINT, key), verify_keys_of(key.public_key())) == POINT
    assert signed_note(POINT, KEY) == NOTE
