import shutil
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
OURS = {"127.0.0.1", "localhost"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine: the pages are not looked at")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield chromium
        await chromium.close()


class Visit:
    """One reader's page, and all that went wrong on it: requests to strangers, failed files, errors of scripts."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.problems: list[str] = []
        page.on("requestfinished", self._leaves)
        page.on("requestfailed", self._leaves)
        page.on("response", lambda answer: self._broken(answer.status, answer.url))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._complains)

    async def open(self, path: str) -> Page:
        await self.page.goto(self.base + path, wait_until="networkidle")
        return self.page

    def _leaves(self, request: Request) -> None:
        parts = urlsplit(request.url)
        stopped_by_our_policy = request.failure == "csp"
        if parts.scheme not in {"data", "blob"} and parts.hostname not in OURS and not stopped_by_our_policy:
            self.problems.append(f"a request left this machine: {request.url} ({request.failure})")

    def _broken(self, status: int, url: str) -> None:
        if status >= 400:
            self.problems.append(f"{status} {url}")

    def _complains(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text)


@pytest.fixture
async def visit(browser: Browser, live_server: Any) -> AsyncIterator[Any]:
    """``await visit("fa")`` is a reader of that language; ``visit("en", color_scheme="dark")`` prefers dark pages."""
    contexts: list[BrowserContext] = []

    async def make(language: str, **options: Any) -> Visit:
        context = await browser.new_context(locale={"fa": "fa-IR", "en": "en-GB"}[language], **options)
        contexts.append(context)
        return Visit(await context.new_page(), live_server.url)

    yield make
    for context in contexts:
        await context.close()
