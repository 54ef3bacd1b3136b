"""What several test modules share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import fake_course


@pytest.fixture
def tiny_course() -> Iterator[Path]:
    """This process sees the tiny course (see `fixtures/fake_course.py`) in place of the real one."""
    with pytest.MonkeyPatch.context() as patch:
        yield fake_course.installed(patch)
    fake_course.forget()
