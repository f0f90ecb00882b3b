from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.second_factor import reset_for_operator


class Command(BaseCommand):
    help = (
        "Take the authenticator app, the passkeys and the recovery codes of a user away who lost them, "
        "and log them out everywhere. Make sure first that it is they who ask."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that they log in with")

    def handle(self, *_args: Any, email: str, **_options: Any) -> None:
        user = User.objects.by_address(email)
        if user is None:
            raise CommandError(f"Nobody logs in as {email}.")
        count = reset_for_operator(user=user)
        if not count:
            raise CommandError(f"{user.email} has no second factor. All their sessions are ended.")
        self.stdout.write(f"{user.email} logs in with the password alone until they set one up.")
