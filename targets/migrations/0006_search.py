"""An index for the search on PostgreSQL; where the role may not add pg_trgm, the search goes through all rows."""

from django.db import ProgrammingError, migrations, transaction

INDEX = """
CREATE INDEX IF NOT EXISTS target_search ON targets_target
USING gin (UPPER(name::text) gin_trgm_ops, (email_key::text) gin_trgm_ops)
"""


def add(apps, editor):
    if editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=editor.connection.alias):
            editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            editor.execute(INDEX)
    except ProgrammingError as error:
        print(f"\n  The search goes on without an index: {error}".rstrip())


def remove(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX IF EXISTS target_search")


class Migration(migrations.Migration):
    dependencies = [("targets", "0005_first_count")]
    operations = [migrations.RunPython(add, remove)]
