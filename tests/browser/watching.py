"""What a browser has to complain of: errors of scripts, violations of the policy, other sites."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page, Request

LOCAL = ("data:", "blob:", "about:")


class Watch:
    def __init__(self, page: Page, origin: str) -> None:
        self.origin = origin
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type} at {message.page.url}: {message.text}")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", *LOCAL)):
            self.complaints.append(f"asked another site: {request.url}")
