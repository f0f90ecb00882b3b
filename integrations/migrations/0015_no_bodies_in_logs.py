"""Until now the beginning of an answer that could not be read was kept, and with it perhaps of people."""

from django.db import migrations


def forget(apps, schema_editor):
    runs = apps.get_model("integrations", "SyncRun").objects
    runs.filter(error_code__in=["bad_format", "unexpected"]).update(error_detail="")


class Migration(migrations.Migration):
    dependencies = [("integrations", "0014_reason_erased")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
