"""Whoever finds a table's statistics being brought up does not wait for it."""

from importlib import import_module

from django.db import migrations

before = import_module("integrations.migrations.0016_analyze_by_its_owner")
AGAIN = before.MAKE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
SKIPPING = AGAIN.replace("ANALYZE %%I", "ANALYZE (SKIP_LOCKED) %%I")


def replace(statement):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(statement, [])

    return run


class Migration(migrations.Migration):
    dependencies = [("integrations", "0016_analyze_by_its_owner")]

    operations = [migrations.RunPython(replace(SKIPPING), replace(AGAIN))]
