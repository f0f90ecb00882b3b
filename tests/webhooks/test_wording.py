from webhooks.models import TEST, EventType
from webhooks.wording import LABELS


def test_each_type_has_a_short_name():
    assert set(LABELS) == {*EventType.values, TEST}
