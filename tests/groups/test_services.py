import pytest
from django_scopes import scope

from groups.services import NameTaken, create_group, set_switches
from tests.factories import GroupFactory


def test_auto_sync_stays_off_without_a_source(acme):
    group = GroupFactory(account=acme)
    with scope(account=acme):
        set_switches(group=group, auto_sync=True, smart_sync=True, locked=False)
    group.refresh_from_db()
    assert (group.auto_sync, group.smart_sync, group.locked) == (False, True, False)


def test_a_name_is_one_group_s_however_it_is_written(acme, globex):
    create_group(account=acme, name="Straße")
    create_group(account=globex, name="STRASSE")
    with pytest.raises(NameTaken):
        create_group(account=acme, name=" STRASSE ")
