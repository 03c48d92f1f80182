import numpy as np
import pytest


@pytest.fixture
def rng(_seeded):
    """Return a generator of this test's own, set by ``--seed``."""
    return np.random.default_rng(np.random.randint(2**31))
