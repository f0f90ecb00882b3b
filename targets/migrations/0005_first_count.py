"""Counts once what `targets.tallies` keeps from now on."""

from django.db import migrations
from django.db.models import Count, Exists, OuterRef, Q


def count(apps, editor):
    Group = apps.get_model("groups", "Group")
    Target = apps.get_model("targets", "Target")
    GroupMembership = apps.get_model("targets", "GroupMembership")
    Tally = apps.get_model("targets", "Tally")
    active = GroupMembership.objects.filter(is_active=True)
    for row in active.values("group").annotate(number=Count("pk")).iterator():
        Group.objects.filter(pk=row["group"]).update(people=row["number"])
    member = Exists(active.filter(target=OuterRef("pk")))
    Target.objects.filter(Q(is_active=False) | ~member).update(is_reachable=False)
    tallies = {}
    counted = Target.objects.order_by().values("account", "source").annotate(number=Count("pk"))
    for row in counted.order_by("source"):
        tally = tallies.setdefault(row["account"], Tally(account_id=row["account"]))
        tally.targets += row["number"]
        tally.sources += [row["source"]] if row["source"] else []
    Tally.objects.bulk_create(tallies.values())


class Migration(migrations.Migration):
    dependencies = [("groups", "0002_tallies"), ("targets", "0004_tallies")]
    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
