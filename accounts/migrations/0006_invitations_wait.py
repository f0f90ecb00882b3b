from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_leavers_kept_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="pending_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
