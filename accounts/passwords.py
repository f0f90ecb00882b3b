"""A rule for new passwords: what lies at hand about a user does not make one."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from accounts.models import Membership, User

OF_THE_PRODUCT = ("portal", "phish", "password", "litmos")
SHORTEST_WORD = 4
TOO_LITTLE = (
    "The password leans on words that are easy to guess: your name or address, your account, or the "
    "product. Beside those it needs at least {length} characters."
)


class WordsAtHandValidator:
    """Takes the words of the product, the e-mail address, the name and the accounts out, and wants
    enough to be left. A long password may contain them."""

    def __init__(self, min_length: int) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: User | None = None) -> None:
        rest = password.casefold()
        found = [word for word in _words(user) if word in rest]
        for word in found:
            rest = rest.replace(word, "")
        if found and len(rest) < self.min_length:
            raise ValidationError(TOO_LITTLE.format(length=self.min_length), code="words_at_hand")

    def get_help_text(self) -> str:
        return "Words such as your name, your account's or the product's don't count."


def _words(user: User | None) -> list[str]:
    """The longest first: what is left of a long one must not hide a short one."""
    texts = [*OF_THE_PRODUCT]
    if user and user.email:
        texts += [user.email, user.name]
    if user and user.pk:
        mine = Membership.everyone.filter(user=user)
        texts += mine.values_list("account__name", flat=True)
    words = {word for text in texts for word in re.split(r"\W+", text.casefold())}
    return sorted((word for word in words if len(word) >= SHORTEST_WORD), key=len, reverse=True)
