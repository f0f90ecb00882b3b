"""Errors named by what happens next. `code` is stored and worded at display; `detail` is safe text
(never a key, at most 200 cleaned characters of a body)."""

from __future__ import annotations


class IntegrationError(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Retryable(IntegrationError):
    """The same call may work later. `delay_seconds` None: the engine's own back-off."""

    def __init__(self, code: str, detail: str = "", *, delay_seconds: float | None = None) -> None:
        super().__init__(code, detail)
        self.delay_seconds = delay_seconds


class BudgetEmpty(Retryable):
    """No call was made: the key's rate budget is used up for `delay_seconds`."""

    def __init__(self, delay_seconds: float) -> None:
        super().__init__("budget_empty", delay_seconds=delay_seconds)


class Fatal(IntegrationError):
    """This run can't go on, and trying again would not help."""


class Credentials(Fatal):
    """The key was refused: a person is needed."""


class Missing(IntegrationError):
    """The one thing asked for is not there (404 on a single record or one team's members)."""
