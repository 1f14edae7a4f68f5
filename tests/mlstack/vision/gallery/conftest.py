"""One Chromium for all tests of the page, and one tab for each."""

import os
from collections.abc import Iterator

import pytest

from scripts import chromium
from tests.mlstack.vision.gallery.browser import Browser, Tab


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium; where the environment says that it is required, a missing one is a failure and no skip."""
    binary = chromium.found()
    if binary is None and os.environ.get("MLSTACK_CHROMIUM") == "required":
        pytest.fail("MLSTACK_CHROMIUM=required, and there is none: run `python3 scripts/chromium.py`")
    if binary is None:
        pytest.skip("there is no Chromium; run `python3 scripts/chromium.py`")
    started = Browser.start(binary, tmp_path_factory.mktemp("chromium"))
    yield started
    started.stop()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A tab of which the browser has nothing to complain about, and from which nothing left, whatever the test did."""
    opened = browser.tab()
    yield opened
    complaints = opened.complaints()
    opened.close()
    assert complaints == []
