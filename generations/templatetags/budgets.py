"""Budgets on pages of other apps."""

from django import template

from generations import budget_notes, budget_pages
from generations.budget_notes import Notes

register = template.Library()


@register.inclusion_tag("generations/budgets/_own.html")
def own_budget(user) -> dict:
    """What somebody has used, and what is left where there is a limit."""
    notes: Notes = budget_notes.notes(user, 0)
    return {"row": budget_pages.person(user), "notes": notes, "user": user}
