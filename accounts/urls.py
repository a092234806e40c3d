"""URLs of people and API accounts."""

from django.urls import path

from accounts.views import app_manifest

app_name = "accounts"
urlpatterns = [
    path("app.webmanifest", app_manifest.app_manifest, name="app-manifest"),
]
