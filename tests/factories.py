import factory
from django.utils import timezone
from django_scopes import scopes_disabled
from factory.django import DjangoModelFactory

from accounts.models import Account, Membership, Role, User
from groups.models import Group
from integrations.models import Connection, Course, Status, SyncRun, Trigger
from targets import tallies
from targets.emails import email_key
from targets.models import GroupMembership, Target

PASSWORD = "correct horse battery"


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    name = factory.Sequence("Account {}".format)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("user{}@example.com".format)
    name = factory.Faker("name")
    password = factory.django.Password(PASSWORD)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    account = factory.SubFactory(AccountFactory)
    role = Role.ADMINISTRATOR


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = Group

    account = factory.SubFactory(AccountFactory)
    name = factory.Sequence("Group {}".format)


class TargetFactory(DjangoModelFactory):
    class Meta:
        model = Target

    account = factory.SubFactory(AccountFactory)
    email = factory.Sequence("target{}@example.com".format)
    email_key = factory.LazyAttribute(lambda target: email_key(target.email))
    name = factory.Faker("name")
    is_reachable = False


class GroupMembershipFactory(DjangoModelFactory):
    class Meta:
        model = GroupMembership

    group = factory.SubFactory(GroupFactory)
    account = factory.SelfAttribute("group.account")
    target = factory.SubFactory(TargetFactory, account=factory.SelfAttribute("..group.account"))

    @classmethod
    def _create(cls, *args, **kwargs) -> GroupMembership:
        made = super()._create(*args, **kwargs)
        with scopes_disabled():
            tallies.recount_group(made.group_id)
        return made


class ConnectionFactory(DjangoModelFactory):
    class Meta:
        model = Connection

    account = factory.SubFactory(AccountFactory)
    provider = "litmos"
    region = "us"
    is_active = True


class SyncRunFactory(DjangoModelFactory):
    """A finished run; pass `status` and the rest."""

    class Meta:
        model = SyncRun

    connection = factory.SubFactory(ConnectionFactory)
    account = factory.SelfAttribute("connection.account")
    trigger = Trigger.MANUAL
    status = Status.SYNCED
    started_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = Course

    connection = factory.SubFactory(ConnectionFactory)
    account = factory.SelfAttribute("connection.account")
    integration_id = factory.Sequence("course-{}".format)
    name = factory.Sequence("Course {}".format)
