"""Commands of these tests start no second process."""

import pytest


@pytest.fixture(autouse=True)
def _one_process(one_process):
    pass
