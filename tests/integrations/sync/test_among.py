"""`__among` finds what `__in` finds, on every database."""

import pytest

from integrations.models import TargetLink
from integrations.sync import known  # noqa: F401 it makes the lookup known
from targets.models import Target
from tests.factories import TargetFactory

VALUES = ["A", "B'", 'C"', "D\\", "{E,F}", "NULL", ""]


@pytest.fixture
def links(connection) -> list[TargetLink]:
    return [
        TargetLink.objects.create(
            account=connection.account,
            connection=connection,
            target=TargetFactory(account=connection.account),
            integration_id=value,
        )
        for value in VALUES
    ]


@pytest.mark.parametrize("wanted", [[], ["A"], VALUES, ["A", "A", "Z"], set(VALUES[2:5])])
def test_texts(links, wanted):
    found = TargetLink.objects.filter(integration_id__among=wanted)
    assert list(found.order_by("pk")) == [link for link in links if link.integration_id in wanted]


def test_ids_and_relations(links):
    ids = [link.target_id for link in links[1:3]]
    assert list(TargetLink.objects.filter(target_id__among=ids).order_by("pk")) == links[1:3]
    assert set(Target.objects.filter(pk__among={*ids, 0})) == {link.target for link in links[1:3]}
    assert not Target.objects.filter(pk__among=[]).exists()
    assert Target.objects.exclude(pk__among=ids).count() == len(links) - 2


def test_it_is_one_value_for_postgresql(links, django_assert_num_queries):
    links[0].delete()
    with django_assert_num_queries(1) as asked:
        list(TargetLink.objects.filter(integration_id__among=VALUES))
    sql = asked.captured_queries[0]["sql"]
    assert ("= ANY(" in sql) != (" IN (" in sql)
