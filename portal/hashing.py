"""Passwords are hashed with Argon2, which takes 100 MB for each: only a few at a time, whoever asks."""

from __future__ import annotations

from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

#: In each process. The others wait for their turn, a fraction of a second each.
AT_A_TIME = 2
_turn = BoundedSemaphore(AT_A_TIME)


class FewAtATime(Argon2PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with _turn:
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with _turn:
            return bool(super().verify(password, encoded))
