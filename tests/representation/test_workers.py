"""Work in several processes: what they share, return and raise."""

import os
import signal

import numpy as np
import pytest

from fdl.errors import TrainingDiverged
from fdl.representation import workers


def test_each_worker_works_in_a_process_of_its_own():
    found = workers.forked(3, lambda k: (k, os.getpid()))
    assert [k for k, _ in found] == [0, 1, 2]
    assert len({pid for _, pid in found} | {os.getpid()}) == 4


def test_only_shared_arrays_are_written_to():
    common, own = workers.shared(np.arange(6.0).reshape(2, 3)), np.zeros(3)

    def work(k):
        common[k] += 10 * (k + 1)
        own[k] = 1

    workers.forked(2, work)
    np.testing.assert_array_equal(common, [[10, 11, 12], [23, 24, 25]])
    np.testing.assert_array_equal(own, 0)


def test_a_shared_copy_has_its_type_and_leaves_the_array_alone():
    array = np.arange(4, dtype=np.float32)[::2]
    copy = workers.shared(array)
    assert copy.dtype == np.float32
    copy[:] = 7
    np.testing.assert_array_equal(array, [0, 2])
    assert workers.shared(np.zeros((0, 3))).shape == (0, 3)


def test_what_a_worker_raises_is_raised_here():
    def work(k):
        if k:
            raise TrainingDiverged(f"worker {k}")

    with pytest.raises(TrainingDiverged, match="worker 1"):
        workers.forked(3, work)


def test_a_worker_that_is_killed_is_told():
    def work(k):
        if k == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return k

    with pytest.raises(ChildProcessError, match="killed"):
        workers.forked(2, work)


def test_a_wrong_number_is_named():
    with pytest.raises(ValueError, match="`workers`.*from 1 up"):
        workers.forked(0, lambda k: k)
