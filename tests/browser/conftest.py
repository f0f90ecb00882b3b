"""Chromium and a Portal for it, one of each for all tests of this folder.

Playwright has an event loop, in which Django refuses its database. So it ends with the folder, not with the
session as that of pytest-playwright does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from integrations.providers.litmos.sandbox import Sandbox
from tests.browser.portal import Portal
from tests.browser.watching import Watch

WIDE = {"width": 1280, "height": 900}

Open = Callable[..., Page]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Others look at the first of each thing there is, and these would be it."""
    items.sort(key=lambda item: item.path.name == "test_hostile_names.py")


@pytest.fixture(scope="package")
def portal(tmp_path_factory) -> Iterator[Portal]:
    sandboxes = {
        "Rehearsal": Sandbox(users=40, teams=6, courses=5, seed=3, rate=None),
        "Crowded": Sandbox(users=20, teams=251, courses=2, seed=4, rate=None),
        "Emptied": Sandbox(users=60, teams=4, courses=3, seed=6, rate=None),
    }
    with ExitStack() as stack:
        urls = {name: stack.enter_context(one.serve()).url for name, one in sandboxes.items()}
        portal = Portal(tmp_path_factory.mktemp("portal"), sandboxes, urls)
        try:
            portal.set_up()
            yield portal
        finally:
            portal.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("no Chromium: set CHROMIUM to its path")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture
def open_tab(portal, chromium) -> Iterator[Open]:
    """Opens tabs, and at the end finds fault with what a browser complained of in any of them."""
    contexts, watches = [], []

    def open_one(**options) -> Page:
        settings = {"viewport": WIDE, "base_url": portal.url, "reduced_motion": "reduce"}
        context = chromium.new_context(**(settings | options))
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, portal.url))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [complaint for watch in watches for complaint in watch.complaints] == []


@pytest.fixture
def tab(open_tab) -> Page:
    return open_tab()


@pytest.fixture
def globex(portal) -> str:
    return portal.new_account()
