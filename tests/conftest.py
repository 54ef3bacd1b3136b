"""What several test modules share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded: two busy threads are slower than one

from fixtures import fake_course


@pytest.fixture
def tiny_course() -> Iterator[Path]:
    """This process sees the tiny course (see `fixtures/fake_course.py`) in place of the real one."""
    with pytest.MonkeyPatch.context() as patch:
        yield fake_course.installed(patch)
    fake_course.forget()
