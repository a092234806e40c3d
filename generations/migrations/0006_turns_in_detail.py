from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0005_lines_know_their_cost"),
    ]

    operations = [
        migrations.AddField(
            model_name="share",
            name="account_spent",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="share",
            name="account_started",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="share",
            name="competes",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="share",
            name="served_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
