"""PostgreSQL lets only the owner of a table bring its statistics up, and the workers' role owns none."""

from django.db import migrations

MAKE = """
CREATE FUNCTION portal_analyze(name text, columns text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF name NOT LIKE 'integrations\\_%%' AND name NOT LIKE 'targets\\_%%' THEN
        RAISE EXCEPTION 'not a table of the syncs: %%', name;
    END IF;
    EXECUTE format(
        'ANALYZE %%I (%%s)', name, (SELECT string_agg(quote_ident(one), ', ') FROM unnest(columns) one)
    );
END
$$
"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(MAKE, [])


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION portal_analyze(text, text[])")


class Migration(migrations.Migration):
    dependencies = [("integrations", "0015_no_bodies_in_logs")]

    operations = [migrations.RunPython(make, drop)]
