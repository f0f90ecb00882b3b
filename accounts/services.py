import secrets
from dataclasses import dataclass

from django.db import transaction

from accounts import audit
from accounts.models import Account, Membership, Role, User
from accounts.names import visible

GENERATED_PASSWORD_BYTES = 18


@dataclass(frozen=True)
class CreatedAccount:
    account: Account
    user: User
    one_time_password: str


@transaction.atomic
def update_account(*, account: Account, **fields: object) -> Account:
    """Write the given fields, and only those, so that two open tabs don't undo each other."""
    stored = Account.objects.values(*fields).get(pk=account.pk)
    audit.record_change(
        account=account,
        kind="ACCOUNT_SAVED",
        subject=account.name,
        before=stored,
        after=fields,
    )
    for name, value in fields.items():
        setattr(account, name, value)
    account.save(update_fields=list(fields))
    return account


@transaction.atomic
def rename_user(*, user: User, name: str) -> None:
    """Told to every account of theirs."""
    before = User.objects.values("name").get(pk=user.pk)
    user.name = name
    user.save(update_fields=["name"])
    for membership in Membership.objects.select_related("account").filter(user=user):
        audit.record_change(
            account=membership.account,
            kind="NAME_CHANGED",
            subject=user.email,
            before=before,
            after={"name": name},
        )


@transaction.atomic
def create_account(*, name: str, admin_email: str, password: str = "") -> CreatedAccount:
    """Make an account and its first Administrator: the user of that e-mail, who keeps the password
    they have, or a new one. `one_time_password` is empty unless a password had to be made up."""
    account = Account.objects.create(name=visible(name))
    user = User.objects.by_address(admin_email)
    one_time_password = ""
    if not user:
        if not password:
            password = one_time_password = secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
        user = User.objects.create_user(admin_email, password)
    Membership.objects.create(user=user, account=account, role=Role.ADMINISTRATOR)
    audit.record(
        account=account,
        kind="ACCOUNT_CREATED",
        subject=account.name,
        after={"administrator": user.email},
    )
    return CreatedAccount(account, user, one_time_password)
