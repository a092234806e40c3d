"""URLs of prompts, jobs and images."""

app_name = "generations"
urlpatterns = []
