from django.db import migrations

from accounts.search_index import search_index


class Migration(migrations.Migration):
    dependencies = [("integrations", "0010_contested")]
    operations = [
        # What is planned is written once more when it is done; until then a search goes through its rows.
        search_index(
            "change_search",
            "integrations_change",
            "UPPER(label::text)",
            "UPPER(detail::text)",
            condition="outcome <> 'PLANNED'",
        ),
    ]
