"""Forms of budgets: what a member, or the team, may start."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction

from accounts.models import User
from accounts.models.account import Account, wake_accounts
from generations.models import Budget

MOST = 1_000_000
LIMITS = ("per_day", "per_month", "at_once")


def _limit(label: str, help_text: str, least: int = 0) -> forms.IntegerField:
    validators = [
        MinValueValidator(least, f"Use {least} or more, or leave it empty for no limit."),
        MaxValueValidator(MOST, "Use a million or less, or leave it empty for no limit."),
    ]
    return forms.IntegerField(
        label=label,
        required=False,
        validators=validators,
        widget=forms.NumberInput(attrs={"min": least, "max": MOST, "inputmode": "numeric", "placeholder": "No limit"}),
        error_messages={"invalid": "Use a whole number, or leave it empty for no limit."},
        help_text=help_text,
    )


class BudgetForm(forms.Form):
    """The three limits of one member (`owner`) or of the team (None). Empty is no limit."""

    per_day = _limit("Jobs a day", "Empty is no limit. With 0 nothing starts. Days begin at midnight, studio time.")
    per_month = _limit("Jobs a month", "Empty is no limit. With 0 nothing starts. Months begin on the first.")
    at_once = _limit(
        "Running at once",
        "On all accounts together. Empty is no limit; 1 is the least: to stop somebody, use 0 a day.",
        1,
    )

    def __init__(self, *args, owner: User | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        budget = Budget.objects.filter(owner=owner).first() or Budget()
        self.initial.update({name: getattr(budget, name) for name in LIMITS})

    def save(self) -> None:
        """Store the limits and have every account look at once: what waited for the budget may start now."""
        limits = {name: self.cleaned_data[name] for name in LIMITS}
        with transaction.atomic():
            Budget.objects.update_or_create(owner=self.owner, defaults=limits)
        wake_accounts(list(Account.objects.values_list("pk", flat=True)))


class MemberBudgetForm(BudgetForm):
    """A member's limits, and how many turns in the queue they get for another's one."""

    queue_weight = forms.TypedChoiceField(
        label="Turns in the queue",
        coerce=int,
        choices=[(number, str(number)) for number in range(1, 11)],
        help_text="For each turn of somebody with 1. It counts slot time, not jobs, and only while others wait too.",
    )

    def __init__(self, *args, owner: User, **kwargs) -> None:
        super().__init__(*args, owner=owner, **kwargs)
        self.member = owner
        self.initial["queue_weight"] = owner.queue_weight

    def save(self) -> None:
        User.objects.filter(pk=self.member.pk).update(queue_weight=self.cleaned_data["queue_weight"])
        super().save()
