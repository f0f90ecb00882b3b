from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts import services
from accounts.models import Account, User
from accounts.names import visible


class Command(BaseCommand):
    help = "Create an account with its first Administrator, a new user or one who is there."

    def add_arguments(self, parser):
        parser.add_argument("--name", required=True, help="name of the account")
        parser.add_argument("--admin-email", required=True, help="log-in of the Administrator")
        parser.add_argument(
            "--password", default="", help="for a new user; left out, one is made up and printed"
        )

    def handle(self, *, name: str, admin_email: str, password: str, **options):
        name, email = visible(name), admin_email.strip()
        try:
            _check(name, email, password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        is_known = User.objects.by_address(email) is not None
        created = services.create_account(name=name, admin_email=email, password=password)
        self.stdout.write(f"Created the account {created.account.name}.")
        self.stdout.write(f"Administrator: {created.user.email}{_note(is_known)}")
        if created.one_time_password:
            self.stdout.write(f"Password, shown only now: {created.one_time_password}")


def _check(name: str, email: str, password: str) -> None:
    account = Account(name=name)
    account.clean_fields()
    if Account.objects.filter(name__iexact=name).exists():
        raise ValidationError(f"There is an account {name} already.")
    validate_email(email)
    if password:
        validate_password(password, User(email=email))


def _note(is_known: bool) -> str:
    return " (was there already, keeps the password they have)" if is_known else ""
