"""Arithmetic coding: round trips, oracle (answer by answer), bounds."""

import contextlib
import math
from collections import Counter

import numpy as np
import pytest

from fdl.scratch import arithmetic_coding as coding


def some_codes(seed, shape=(5, 7, 6), spread=2.0):
    rng = np.random.default_rng(seed)
    widths = spread / np.arange(1, shape[0] + 1)
    codes = rng.laplace(0, widths[:, None, None], shape)
    codes[0] += np.add.outer(np.arange(shape[1]), np.arange(shape[2]))
    return np.rint(codes).astype(int)


@pytest.mark.parametrize("spread", [0.1, 2.0, 60.0])
def test_a_decoder_reads_what_was_written(spread):
    for seed, shape in enumerate(
        [(5, 7, 6), (1, 1, 1), (64, 1, 3), (2, 9, 1)]
    ):
        codes = some_codes(seed, shape, spread)
        file = coding.encode_codes(codes)
        found = coding.decode_codes(file, shape)
        np.testing.assert_array_equal(found, codes)


def test_answers_come_back_whatever_they_are():
    rng = np.random.default_rng(0)
    for share in (0, 0.001, 0.5, 0.999, 1):
        answers = (rng.random(3000) < share).astype(int).tolist()
        contexts = rng.integers(3, size=3000).tolist()
        decoder = coding.Decoder(coding.encode_answers(answers, contexts))
        assert [decoder.ask(context) for context in contexts] == answers


def test_an_answer_costs_what_its_probability_says():
    rng = np.random.default_rng(1)
    p = 0.03
    answers = (rng.random(50_000) < p).astype(int)
    bits = 8 * len(coding.encode_answers(answers.tolist(), [0] * 50_000))
    share = answers.mean()
    entropy = -share * math.log2(share) - (1 - share) * math.log2(1 - share)
    assert 50_000 * entropy < bits < 50_000 * entropy + 24


def test_the_file_is_as_long_as_theory_says():
    """The oracle follows each context's count, answer by answer."""
    for seed, spread in enumerate((0.3, 2.0, 20.0)):
        codes = some_codes(seed, (6, 20, 25), spread)
        contexts, answers = coding.questions(codes)
        seen, bits = Counter(), 0.0
        for context, answer in zip(contexts.tolist(), answers.tolist()):
            total = seen[context, 0] + seen[context, 1]
            bits -= math.log2((seen[context, answer] + 0.5) / (total + 1))
            seen[context, answer] += 1
        assert coding.code_length(codes) == pytest.approx(bits)
        length = 8 * len(coding.encode_codes(codes))
        assert bits - 1 < length < bits + 9


def test_questions_are_asked_in_their_order():
    codes = np.zeros((2, 1, 3), int)
    codes[1] = [[0, -2, 1]]
    contexts, answers = coding.questions(codes)
    second = coding.EACH
    sign = second + coding.NEAR
    # unit 0: three zeros. Unit 1: no; yes, negative, more than 1, not more
    # than 2; beside it yes, not negative, not more than 1
    assert answers.tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0]
    assert contexts.tolist() == [
        *(0, 0, 0),
        second,
        *(second, sign, sign + 1, sign + 2),
        *(second + 1, sign, sign + 1),
    ]


def test_neighbours_on_the_left_above_and_of_the_unit_before_are_seen():
    for place in ((1, 2, 1), (1, 1, 2), (0, 2, 2)):
        codes = np.zeros((2, 3, 3), int)
        codes[place] = 1
        contexts, answers = coding.questions(codes)
        # what is last told is unit 1 in the last corner
        assert answers[-1] == 0
        assert contexts[-1] == coding.EACH + 1
    codes[:] = 0
    codes[1, 1, 1] = codes[1, 0, 2] = 1
    assert coding.questions(codes)[0][-1] == coding.EACH


def test_the_first_unit_is_foretold_by_its_neighbours():
    flat = np.full((1, 8, 8), 37)
    edge = np.where(np.arange(8) < 4, 10, 90) * np.ones((1, 8, 1), int)
    for codes in (flat, edge, edge.swapaxes(1, 2)):
        told = coding.foretold(np.pad(codes[0], ((1, 0), (1, 0))))
        assert (told != codes[0]).sum() <= 2


def test_what_neighbours_foretell_is_their_median_or_goes_on_as_they_do():
    values = np.array([[5, 9, 2], [7, 0, 0]])
    # 7, 9 and 7 + 9 − 5 = 11; then 0, 2 and 0 + 2 − 9 = −7
    assert coding.foretold(values).tolist() == [[9, 0]]
    plane = np.add.outer(3 * np.arange(4), np.arange(5))
    # on a plane left + above − corner is right, but outside of both
    assert coding.foretold(plane).tolist() == (plane[1:, 1:] - 1).tolist()


def test_a_ramp_of_the_first_unit_costs_little():
    ramp = np.add.outer(np.arange(20), 2 * np.arange(20))[None]
    codes = np.concatenate([ramp, np.zeros_like(ramp)])
    assert coding.code_length(codes) < coding.code_length(codes[::-1]) / 2


def test_bad_codes_get_one_sentence():
    for codes in (np.zeros((2, 2, 2)), np.zeros((2, 2), int), [[[True]]]):
        with pytest.raises(ValueError, match="`codes`.*whole numbers"):
            coding.code_length(codes)
    with pytest.raises(ValueError, match="`codes`.*whole numbers"):
        coding.encode_codes(np.zeros((0, 2, 2), int))
    far = np.zeros((2, 1, 1), int)
    far[1] = 2 * coding.LARGEST
    with pytest.raises(ValueError, match="`codes`.*at most 65536 from"):
        coding.encode_codes(far)


def test_answers_that_no_decoder_could_ask_for_are_refused():
    with pytest.raises(ValueError, match="`contexts` .* as the 3 answers"):
        coding.encode_answers([0, 1, 1], [0, 0])
    for answers in ([0, 2], [0, -1]):
        with pytest.raises(ValueError, match="`answers` .* but 0 and 1"):
            coding.encode_answers(answers, [0, 0])


def test_a_damaged_file_ends_in_a_sentence_or_in_other_codes():
    codes = some_codes(3)
    file = bytearray(coding.encode_codes(codes))
    for k in range(0, len(file), 3):
        torn = file.copy()
        torn[k] ^= 0x55
        with contextlib.suppress(ValueError):
            found = coding.decode_codes(bytes(torn), codes.shape)
            assert (found != codes).any()
    with pytest.raises(ValueError, match="`file`.*undamaged"):
        coding.decode_codes(b"\xff" * 3000, (1, 1, 1))


def test_a_file_that_is_cut_short_or_goes_on_is_told():
    codes = some_codes(3)
    file = coding.encode_codes(codes)
    for other in (b"", file[:1], file[:-5], file[:-1], file + b"\0"):
        with pytest.raises(ValueError, match="`file`.*undamaged"):
            coding.decode_codes(other, codes.shape)
