from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="syncrun",
            name="is_one_time",
            field=models.BooleanField(default=False),
        ),
    ]
