"""URLs of people and API accounts."""

app_name = "accounts"
urlpatterns = []
