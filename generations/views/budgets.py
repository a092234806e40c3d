"""Budgets: the team's and every member's limits and use. Leads see them, admins change them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn, admin_only, posted
from accounts.models import User
from generations import budget_pages
from generations.budget_forms import BudgetForm, MemberBudgetForm


@require_safe
def budgets(request: SignedIn) -> HttpResponse:
    if not request.user.is_lead:
        raise Http404
    context = {"team": budget_pages.team(), "people": budget_pages.people(), "may_change": request.user.is_admin}
    return render(request, "generations/budgets/list.html", context)


@require_http_methods(["GET", "POST"])
@admin_only
def budget_team(request: SignedIn) -> HttpResponse:
    return _edit(request, BudgetForm(posted(request), owner=None), None)


@require_http_methods(["GET", "POST"])
@admin_only
def budget_person(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk, is_active=True)
    return _edit(request, MemberBudgetForm(posted(request), owner=person), person)


def _edit(request: SignedIn, form: BudgetForm, person: User | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Saved the budget of {person or 'the team'}.")
        return redirect("generations:budgets")
    own = budget_pages.person(person) if person else budget_pages.team()
    context = {"form": form, "person": person, "own": own}
    return render(request, "generations/budgets/form.html", context, status=422 if form.is_bound else 200)
