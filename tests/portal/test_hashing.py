from threading import Event, Lock, Thread

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from portal import log_in
from portal.hashing import AT_A_TIME


class Slow:
    """Comes back only once everybody has asked, and counts how many are in it."""

    def __init__(self) -> None:
        self.have_asked, self.lock = Event(), Lock()
        self.inside = self.most = 0

    def __call__(self, *_parts: object) -> str:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.have_asked.wait()
        with self.lock:
            self.inside -= 1
        return "argon2$x"


def test_few_passwords_are_hashed_at_a_time(settings, monkeypatch):
    settings.PASSWORD_HASHERS = log_in.PASSWORD_HASHERS
    encoded, slow = make_password("right"), Slow()
    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    monkeypatch.setattr(Argon2PasswordHasher, "must_update", lambda *_: False)
    asks = [lambda: check_password("x", encoded), lambda: make_password("x")] * 3
    threads = [Thread(target=ask) for ask in asks]
    for thread in threads:
        thread.start()
    slow.have_asked.set()
    for thread in threads:
        thread.join()
    assert slow.most == AT_A_TIME


def test_a_password_is_checked(settings):
    settings.PASSWORD_HASHERS = log_in.PASSWORD_HASHERS
    encoded = make_password("right")
    assert encoded.startswith("argon2$argon2id$")
    assert (check_password("right", encoded), check_password("wrong", encoded)) == (True, False)
