import pytest
from django_scopes import scope, scopes_disabled

from accounts.models import Membership
from accounts.tokens import make_token
from integrations.models import SentMail
from targets.models import ImportDraft
from tests.factories import GroupFactory
from tests.world import make_world
from training.models import Campaign, RepeatRule
from webhooks.models import Delivery
from webhooks.services import make_endpoint


@pytest.fixture
def things(acme, alice, bob):
    """The ids of what there is in Acme, by the names that the table of addresses uses."""
    with scope(account=acme):
        world = make_world(acme)
        running = Campaign.objects.create(account=acme, name="Winter", state="RUNNING")
        rule = RepeatRule.objects.create(account=acme, name="Thrice")
        token, _ = make_token(account=acme, user=alice, name="Nightly", scopes=["READ"])
        mail = SentMail.objects.create(
            account=acme,
            template="integration_sync_finished",
            occasion="one",
            recipient="manager@acme.example",
            subject="Acme: synced",
            text="Ann Lee joined Sales",
            html="<p>Ann Lee joined Sales</p>",
        )
        endpoint, _ = make_endpoint(account=acme, address="https://a.example.com/", events=[])
        delivery = Delivery.objects.create(account=acme, endpoint=endpoint, type="test", body={})
        draft = ImportDraft.objects.create(
            account=acme,
            made_by=alice,
            name="people.csv",
            rows=[["E-mail"], ["new@acme.example"], ["nobody"]],
            lines=[2, 3],
            columns=["email"],
        )
        made = {name: thing.pk for name, thing in vars(world).items()}
        return made | {
            "running": running.pk,
            "rule": rule.pk,
            "endpoint": endpoint.pk,
            "delivery": delivery.pk,
            "session": 0,
            "draft": draft.pk,
            "token": token.pk,
            "mail": mail.pk,
            "own_group": GroupFactory(account=acme, name="By hand").pk,
            "viewer": Membership.objects.get(user=bob).pk,
            "hook": world.campaign.hook_id,
            "secret": "guessed",
        }


@pytest.fixture
def unscoped():
    with scopes_disabled():
        yield
