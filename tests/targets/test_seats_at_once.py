"""Whoever takes the last seat, it is taken once."""

import threading

import pytest
from django.db import connection as database
from django_scopes import scope

from accounts.models import Account
from groups.models import Group
from targets.by_hand import NoSeat, add_target
from targets.seats import seats_used
from tests.factories import AccountFactory, GroupFactory


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_ten_who_add_somebody_at_once_do_not_exceed_the_seats():
    account = AccountFactory(seat_limit=3)
    with scope(account=account):
        GroupFactory(account=account)
    barrier, refused, failed = threading.Barrier(10), [], []

    def add(number):
        try:
            barrier.wait(60)
            mine = Account.objects.get(pk=account.pk)
            with scope(account=mine):
                values = {"email": f"p{number}@acme.example"}
                add_target(account=mine, values=values, groups=Group.objects.all())
        except NoSeat:
            refused.append(number)
        except Exception as error:
            failed.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=add, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with scope(account=account):
        assert (failed, len(refused), seats_used(account.pk)) == ([], 7, 3)
