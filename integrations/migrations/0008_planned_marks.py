from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0007_mirror")]

    operations = [
        migrations.RemoveField(model_name="stagedperson", name="is_eligible"),
        migrations.AddField(
            model_name="stagedperson",
            name="is_outside",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="stagedperson",
            name="is_changed",
            field=models.BooleanField(default=False),
        ),
    ]
