from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts.models import ApiToken, Scope
from accounts.tokens import Refused, token_of
from portal.api.problems import Problem, unauthorized


class TokenWith(HttpBearer):
    """Lets in whoever sends a token with the scope; the row is `request.auth`."""

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        try:
            found: ApiToken = token_of(token.strip())
        except Refused as error:
            raise unauthorized(str(error)) from None
        if self.scope and self.scope not in found.scopes:
            raise _lacks(self.scope)
        return found


def _lacks(scope: Scope) -> Problem:
    return Problem(
        403,
        "insufficient_scope",
        f"This token lacks the scope {scope.value}. Make one that has it.",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.value}"'},
    )
