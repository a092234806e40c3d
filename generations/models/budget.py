"""How many jobs a member, or the whole team, may start; and how many they have started."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce


class Budget(models.Model):
    """The limits of one member, or of the team where `owner` is empty. None is no limit."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="budget", null=True, blank=True)
    per_day = models.PositiveIntegerField("jobs a day", null=True, blank=True)
    per_month = models.PositiveIntegerField("jobs a month", null=True, blank=True)
    at_once = models.PositiveIntegerField("running at once", null=True, blank=True, validators=[MinValueValidator(1)])

    class Meta:
        constraints = [
            # An empty owner counts as one, too: there is one team.
            models.UniqueConstraint(Coalesce("owner", 0), name="budget_one_team"),
        ]

    def __str__(self) -> str:
        return f"budget of {self.owner_id or 'the team'}"


class Spend(models.Model):
    """How many jobs a member has started on one day. What turns out to have cost nothing is taken off again."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="spends")
    day = models.DateField()  # in the studio's time zone
    jobs = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="spend_once_a_day", fields=["owner", "day"])]
        indexes = [models.Index(name="spend_of_day", fields=["day"])]

    def __str__(self) -> str:
        return f"{self.owner_id} on {self.day}: {self.jobs}"
