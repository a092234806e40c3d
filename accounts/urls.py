"""URLs of people and API accounts."""

from django.urls import path

from accounts.views import accounts, app_manifest, channels, people, preferences

app_name = "accounts"
urlpatterns = [
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/add/", accounts.account_add, name="account-add"),
    path("accounts/<int:pk>/", accounts.account_detail, name="account-detail"),
    path("accounts/<int:pk>/test/", accounts.account_test, name="account-test"),
    path("accounts/<int:pk>/sync/", accounts.account_sync, name="account-sync"),
    path("accounts/<int:pk>/pause/", accounts.account_pause, name="account-pause"),
    path("accounts/<int:pk>/resume/", accounts.account_resume, name="account-resume"),
    path("accounts/<int:pk>/access/", accounts.account_access, name="account-access"),
    path("accounts/<int:pk>/token/", accounts.account_token, name="account-token"),
    path("accounts/<int:pk>/delete/", accounts.account_delete, name="account-delete"),
    path("accounts/<int:pk>/channels/add/", channels.channel_add, name="channel-add"),
    path("accounts/<int:pk>/channels/<int:channel_pk>/remove/", channels.channel_remove, name="channel-remove"),
    path("accounts/<int:pk>/hook-key/", accounts.account_new_hook, name="account-new-hook"),
    path("accounts/<int:pk>/channels/<int:channel_pk>/reset/", channels.channel_reset, name="channel-reset"),
    path("people/", people.person_list, name="people"),
    path("people/add/", people.person_add, name="person-add"),
    path("people/<int:pk>/", people.person_detail, name="person-detail"),
    path("people/<int:pk>/link/", people.person_link, name="person-link"),
    path("people/<int:pk>/deactivate/", people.person_deactivate, name="person-deactivate"),
    path("people/<int:pk>/reactivate/", people.person_reactivate, name="person-reactivate"),
    path("settings/", preferences.preferences, name="preferences"),
    path("settings/theme/", preferences.preferences_theme, name="preferences-theme"),
    path("app.webmanifest", app_manifest.app_manifest, name="app-manifest"),
]
