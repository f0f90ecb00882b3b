from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class OwnAddress(AuthenticationBackend):
    """Lets in by the address that a user has now, not by one of allauth's list."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        return self._check_password(User.objects.by_address(email), password)
