"""What the tests of the engine share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import fake_course
from fixtures.authored import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A course of two lessons to edit and build; see `fixtures/authored.py`."""
    with pytest.MonkeyPatch.context() as patch:
        yield Desk(tmp_path, patch)
    fake_course.forget()
