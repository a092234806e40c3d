from django.db import migrations, models

import accounts.models.account


def give_keys(apps, schema_editor):
    """A key of its own for each account that was there before: the default is computed once for all of them."""
    Account = apps.get_model("accounts", "Account")
    for pk in Account.objects.values_list("pk", flat=True):
        Account.objects.filter(pk=pk).update(hook_key=accounts.models.account.new_hook_key())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_queue_rights")]

    operations = [
        migrations.AddField("account", "hook_key", models.CharField(max_length=43, null=True, editable=False)),
        migrations.AddField("account", "hooked_at", models.DateTimeField(null=True)),
        migrations.AddField("channel", "info", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("channel", "info_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("channel", "settings", models.JSONField(blank=True, default=dict)),
        migrations.AddField("channel", "settings_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
    ]
