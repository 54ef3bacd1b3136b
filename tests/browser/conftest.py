"""What the browser tests share."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium; the tests are skipped where there is none."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    from tests.browser import lab

    try:
        with lab.chromium() as running:
            yield running
    except lab.NoChromium as missing:
        pytest.skip(str(missing))
