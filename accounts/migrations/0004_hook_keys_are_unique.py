from django.db import migrations, models

import accounts.models.account


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_actions_and_references")]

    operations = [
        migrations.AlterField(
            "account",
            "hook_key",
            models.CharField(default=accounts.models.account.new_hook_key, editable=False, max_length=43, unique=True),
        ),
    ]
