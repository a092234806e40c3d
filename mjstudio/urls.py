"""Root URLs."""

from django.contrib import admin
from django.urls import include, path

from mjstudio import errors, health

urlpatterns = [
    path("", include("generations.urls")),
    path("", include("accounts.urls")),
    path("people/", include("accounts.auth_urls")),
    path("admin/", admin.site.urls),
    path("health/", health.health, name="health"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many_requests  # django-allauth's rate limits
handler500 = errors.server_error
