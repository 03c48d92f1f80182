"""What the tests of this folder share."""

import numpy as np
import pytest


@pytest.fixture
def seed(_seeded):
    """Return a seed that follows from the test's own."""
    return int(np.random.randint(2**31))
