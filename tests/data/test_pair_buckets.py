"""Known value: two pairs as long as the book's; property: each pair once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdl.data import BUCKETS, MARKS, TOKENIZERS, PairBuckets, marked_vocabulary
from fdl.data.pair_buckets import EOS, GO, PAD, UNK, place_pair, place_sources

WORKED = [  # as many words as in the book's pairs
    ("I read.", "Je lis."),
    ("They will come back next week", "Ils reviennent dans huit jours"),
]
LENGTHS = st.lists(
    st.tuples(st.integers(1, 45), st.integers(1, 45)), min_size=1, max_size=60
)


def buckets(lengths, size=8, **more):
    """Pairs of these lengths; pair k is made of the number 4 + k alone."""
    sources = [[4 + k] * s for k, (s, _) in enumerate(lengths)]
    targets = [[4 + k] * t for k, (_, t) in enumerate(lengths)]
    return PairBuckets(sources, targets, size, **more)


def test_pairs_like_the_books_are_in_its_first_two_buckets():
    split = TOKENIZERS["words"].split
    sides = [[split(s) for s in side] for side in zip(*WORKED)]
    words = [marked_vocabulary(side, 20) for side in sides]
    pairs = PairBuckets(
        *([w.numbers(t) for t in side] for w, side in zip(words, sides)), 1
    )
    assert pairs.members == [[0], [1], [], []]
    batches = {x[0].shape: (x, y) for x, y in pairs}
    (source, given), wanted = batches[1, 5]
    # figure 7-30: padding, then the sentence turned round
    assert words[0].decode(source[0]) == ["<pad>"] * 2 + [".", "read", "I"]
    assert (
        words[1].decode(given[0]) == ["<go>", "Je", "lis", "."] + ["<pad>"] * 6
    )
    assert (
        words[1].decode(wanted[0])
        == ["Je", "lis", ".", "<eos>"] + ["<pad>"] * 6
    )
    (source, given), wanted = batches[1, 10]
    assert (
        words[0].decode(source[0][-6:])
        == "week next back come will They".split()
    )


@given(lengths=LENGTHS, size=st.integers(1, 20), epoch=st.integers(0, 3),
       shuffle=st.booleans())  # fmt: skip
def test_every_pair_comes_once_and_fits_its_bucket(
    lengths, size, epoch, shuffle
):
    fits = [any(s <= S and t < T for S, T in BUCKETS) for s, t in lengths]
    if not any(fits):
        with pytest.raises(ValueError, match="have room for one pair"):
            buckets(lengths, size)
        return
    pairs = buckets(lengths, size, shuffle=shuffle)
    assert pairs.dropped == [k for k, fit in enumerate(fits) if not fit]
    assert pairs.examples == sum(fits)
    seen = []
    for (source, fed), wanted in pairs.epoch(epoch):
        bucket = (source.shape[1], fed.shape[1])
        smaller = [b for b in BUCKETS if b < bucket]
        assert bucket in BUCKETS
        assert len(source) == len(fed) == len(wanted) <= size
        for row in zip(source, fed, wanted):
            k = int(row[0].max()) - 4
            s, t = lengths[k]
            assert [int((r == 4 + k).sum()) for r in row] == [s, t, t]
            assert (row[1] == GO).sum() == (row[2] == EOS).sum() == 1
            assert (row[1] == PAD).sum() == bucket[1] - t - 1
            assert not any(s <= S and t < T for S, T in smaller)
            seen.append(k)
    assert sorted(seen) == [k for k, fit in enumerate(fits) if fit]


def test_lengths_16_to_31_make_two_batches():
    lengths = [(n, n) for n in range(16, 32)]
    pairs = buckets(lengths, 8, buckets=((23, 24), (31, 32)))
    assert len(pairs) == len(list(pairs)) == 2


def test_orders_follow_seed_and_epoch():
    lengths = [(n % 30 + 1, n % 30 + 1) for n in range(90)]

    def order(seed, epoch):
        pairs = buckets(lengths, 8, seed=seed)
        return [int(x.max()) for (x, _), _ in pairs.epoch(epoch)]

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)
    # batches of one bucket do not follow each other
    widths = [x.shape[1] for (x, _), _ in buckets(lengths, 8)]
    assert sorted(widths) != widths
    still = buckets(lengths, 8, shuffle=False)
    assert [int(x[0, -1]) - 4 for (x, _), _ in still][:2] == [0, 33]


def test_sources_are_turned_round_or_not():
    rows = place_sources([[7, 8, 9], [5]], 4, reverse=False)
    assert rows.tolist() == [[0, 7, 8, 9], [0, 0, 0, 5]]
    _, given, wanted = place_pair([[7]], [[5, 6]], (2, 4))
    assert given.tolist() == [[GO, 5, 6, PAD]]
    assert wanted.tolist() == [[5, 6, EOS, PAD]]


def test_the_marks_come_first_and_the_rest_is_unknown():
    words = marked_vocabulary([["a", "<go>", "b"], ["b", "c", " d"]], 6)
    assert words.words == [*MARKS, "b", " d"]
    assert words.counts.tolist() == [0, 0, 0, 2, 2, 1]
    assert words.numbers(["b", "c", " d", "\x00"]).tolist() == [4, UNK, 5, UNK]
    assert [MARKS[k] for k in (PAD, GO, EOS, UNK)] == list(MARKS)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: buckets([(1, 1)], 0), "`batch_size` .* from 1 up"),
        (lambda: buckets([(1, 1)], True), "`batch_size` .* from 1 up"),
        (lambda: buckets([(1, 1)], seed=1.5), "`seed` .* from 0 up"),
        (
            lambda: place_pair([[4]], [[4], [5]], (1, 4)),
            r"`targets` \(='2 of them'\) must be as many as `sources`, 1",
        ),
        (lambda: buckets([(1, 1)], buckets=()), "pairs of lengths that grow"),
        (
            lambda: buckets([(1, 1)], buckets=((5, 9), (4, 10))),
            "pairs of lengths that grow",
        ),
        (
            lambda: buckets([(1, 1)], buckets=((5, 9), (5, 9))),
            "pairs of lengths that grow",
        ),
        (
            lambda: buckets([(1, 1)], buckets=((5, 1), (5, 9))),
            "pairs of lengths that grow",
        ),
        (lambda: PairBuckets([[4]], [], 1), "be as many as `sources`, 1"),
        (lambda: PairBuckets([[4]], [[]], 1), "pair 0.* no empty sentence"),
        (lambda: list(buckets([(1, 1)]).epoch(-1)), "`epoch` .* from 0 up"),
        (lambda: place_sources([[4] * 3], 2), "have from 1 to 2 tokens each"),
        (lambda: place_sources([[4.5]], 2), "`sources` .* whole numbers"),
        (lambda: place_sources([[[4]]], 2), "`sources` .* whole numbers"),
        (
            lambda: place_pair([[4]], [["je"]], (1, 4)),
            "`targets` .* whole numbers",
        ),
        (
            lambda: place_pair([[4]], [[4] * 4], (1, 4)),
            "have from 1 to 3 tokens each",
        ),
        (lambda: marked_vocabulary([["a"]], 4), "more than the 4 marks"),
        (lambda: marked_vocabulary([[]], 9), "hold one token or more"),
        (lambda: marked_vocabulary(["je lis"], 9), "be lists of tokens"),
        (lambda: buckets([(1, 1)], buckets=(5, 9)), "lengths that grow"),
        (lambda: buckets([(1, 1)], buckets=((1.5, 9),)), "lengths that grow"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_numbers_of_what_is_made_are_small_integers():
    (source, given), wanted = next(iter(buckets([(3, 3)])))
    assert {a.dtype for a in (source, given, wanted)} == {np.dtype("int32")}


def test_each_epoch_puts_other_pairs_together():
    pairs = PairBuckets([[k] for k in range(4, 28)], [[5]] * 24, 4, seed=3)
    epochs = [
        {
            frozenset(source[:, -1].tolist())
            for (source, _), _ in pairs.epoch(k)
        }
        for k in (0, 0, 1)
    ]
    assert epochs[0] == epochs[1] != epochs[2]
    for batches in epochs:
        assert sorted(sum(map(list, batches), [])) == list(range(4, 28))


@pytest.mark.parametrize("reverse", [True, False])
def test_sources_are_turned_round_if_asked_for(reverse):
    ((source, _), _), *_ = PairBuckets([[7, 8, 9]], [[5]], 1, reverse=reverse)
    assert source.tolist() == [[0, 0, *([9, 8, 7] if reverse else [7, 8, 9])]]
