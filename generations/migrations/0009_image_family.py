"""Pictures know their family, so that the gallery can show a family as one stack."""

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from generations.gallery import fulltext


def fill(apps, schema_editor):
    Image, Job = apps.get_model("generations", "Image"), apps.get_model("generations", "Job")
    root = Job.objects.filter(pk=OuterRef("job")).annotate(top=Coalesce("root_id", "pk")).values("top")
    Image.objects.update(family=Subquery(root))


class Migration(migrations.Migration):
    dependencies = [("generations", "0008_gallery_search")]

    operations = [
        migrations.AddField("image", "family", models.BigIntegerField(default=0)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "image",
            models.Index(
                name="image_family",
                fields=["owner", "family", "-created_at", "-id"],
                condition=Q(in_gallery=True, saved_at__isnull=False, trashed_at=None),
            ),
        ),
        migrations.RunPython(fulltext.install, migrations.RunPython.noop),
    ]
