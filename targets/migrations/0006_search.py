from django.db import migrations

from accounts.search_index import search_index


class Migration(migrations.Migration):
    dependencies = [("targets", "0005_first_count")]
    operations = [
        search_index("target_search", "targets_target", "UPPER(name::text)", "(email_key::text)")
    ]
