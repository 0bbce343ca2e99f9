"""The Merkle tree agrees with its definition, and no proof shows what is not so."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims import merkle

LEAVES = st.lists(st.binary(max_size=4), min_size=1, max_size=40)
HASH = st.binary(min_size=32, max_size=32)


def naive_root(leaves: list[bytes]) -> bytes:
    """Return the root as the definition says it, recursively."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:half]) + naive_root(leaves[half:])).digest()


def numbered(size: int) -> list[bytes]:
    """Return leaves that all differ."""
    return [str(number).encode() for number in range(size)]


def proves(leaves: list[bytes], index: int, *, proof: list[bytes], root: bytes | None = None) -> bool:
    """Say whether a proof is accepted for a leaf of a tree."""
    return merkle.includes(root or naive_root(leaves), len(leaves), leaf=leaves[index], index=index, proof=proof)


@pytest.mark.feature(94)
@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 100])
def test_the_root_is_the_one_of_the_definition(size: int) -> None:
    assert merkle.root_of(numbered(size)) == naive_root(numbered(size))


@given(LEAVES)
def test_a_growing_tree_has_the_root_of_its_leaves_at_every_size(leaves: list[bytes]) -> None:
    tree = merkle.Frontier()
    for size in range(len(leaves)):
        assert (tree.size, tree.root()) == (size, naive_root(leaves[:size]))
        tree.add(leaves[size])


@pytest.mark.feature(94)
@pytest.mark.parametrize("size", range(1, 34))
def test_every_leaf_of_every_tree_is_proved(size: int) -> None:
    leaves = numbered(size)
    assert all(proves(leaves, index, proof=merkle.inclusion_proof(leaves, index)) for index in range(size))


@pytest.mark.parametrize("size", range(1, 34))
def test_every_tree_is_proved_to_extend_every_smaller_one(size: int) -> None:
    leaves, root = numbered(size), naive_root(numbered(size))
    for old in range(1, size + 1):
        proof = merkle.consistency_proof(leaves, old)
        assert merkle.extends(root, size, old_root=naive_root(leaves[:old]), old_size=old, proof=proof)


@given(st.integers(2, 40), st.data())
def test_no_leaf_is_proved_at_another_place(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    place, claimed = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    proof = merkle.inclusion_proof(leaves, place)
    accepted = merkle.includes(naive_root(leaves), size, leaf=leaves[place], index=claimed, proof=proof)
    assert accepted == (claimed == place)


@given(LEAVES, st.lists(HASH, max_size=8), st.binary(max_size=4), st.integers(-1, 41))
def test_an_invented_proof_is_not_accepted(leaves: list[bytes], proof: list[bytes], leaf: bytes, index: int) -> None:
    genuine = 0 <= index < len(leaves) and leaf == leaves[index] and proof == merkle.inclusion_proof(leaves, index)
    assert merkle.includes(naive_root(leaves), len(leaves), leaf=leaf, index=index, proof=proof) == genuine


@given(st.integers(1, 40), st.data())
def test_a_tree_with_another_past_does_not_extend_the_old_one(size: int, data: st.DataObject) -> None:
    leaves, old = numbered(size), data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, old - 1))
    other = [b"other" if place == changed else leaf for place, leaf in enumerate(leaves)]
    for source in (leaves, other):
        proof = merkle.consistency_proof(source, old)
        assert not merkle.extends(naive_root(other), size, old_root=naive_root(leaves[:old]), old_size=old, proof=proof)


@given(st.integers(2, 40), st.data())
def test_a_shortened_lengthened_or_altered_proof_is_not_accepted(size: int, data: st.DataObject) -> None:
    leaves, old = numbered(size), data.draw(st.integers(1, size - 1))
    root, old_root = naive_root(leaves), naive_root(leaves[:old])
    proof, extra = merkle.consistency_proof(leaves, old), data.draw(HASH)
    for wrong in (proof[:-1], [*proof, extra], [extra, *proof[1:]]):
        assert not merkle.extends(root, size, old_root=old_root, old_size=old, proof=wrong)


def test_there_is_no_proof_of_what_is_not_there() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            merkle.inclusion_proof(numbered(3), index)
    for old in (0, 4):
        with pytest.raises(IndexError):
            merkle.consistency_proof(numbered(3), old)
    root = naive_root(numbered(3))
    assert not merkle.extends(root, 3, old_root=merkle.EMPTY_ROOT, old_size=0, proof=[])
    assert not merkle.extends(root, 3, old_root=root, old_size=4, proof=[])


def test_a_proof_that_ends_below_the_root_of_the_claimed_size_is_not_accepted() -> None:
    leaves = numbered(3)
    proof = merkle.consistency_proof(leaves, 2)
    for claimed, accepted in ((3, True), (5, False)):
        assert (
            merkle.extends(naive_root(leaves), claimed, old_root=naive_root(leaves[:2]), old_size=2, proof=proof)
            is accepted
        )
