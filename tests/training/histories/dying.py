"""Ways for a worker to end: at a call, at any write, or overtaken while it is about to change something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.soak.portal import Killed

#: Not a withdrawal: one that hangs for longer than a lease may take away what was assigned anew since.
ASKING = ("assign_courses", "import_assignments", "create_person")


class Fate:
    """Of the next step: dies at the call number `at`, before or after it is made; or something else goes
    on first when the LMS is about to be changed."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.at: int | None = None
        self.is_after = False
        self.meanwhile: Callable[[], object] | None = None

    def before(self, name: str) -> None:
        if name in ASKING and self.meanwhile:
            going, self.meanwhile = self.meanwhile, None
            going()
        if self._is_now() and not self.is_after:
            raise Killed

    def after(self) -> None:
        if self._is_now() and self.is_after:
            raise Killed
        if self.at is not None:
            self.at -= 1

    def _is_now(self) -> bool:
        return self.at == 0


class Doomed:
    """A session with a fate."""

    def __init__(self, session: Any, fate: Fate) -> None:
        self._session, self._fate = session, fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._session, name)
        return self._called(name, found) if callable(found) and name != "close" else found

    def _called(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._fate.before(name)
            answer = method(*args, **kwargs)
            self._fate.after()
            return answer

        return call
