"""URLs of prompts, jobs and images."""

from django.urls import path

from generations.views import create, files, gallery, jobs

app_name = "generations"
urlpatterns = [
    path("", create.create, name="create"),
    path("prompts/", create.prompt_create, name="prompt-create"),
    path("prompts/check/", create.prompt_check, name="prompt-check"),
    path("live/", jobs.changes, name="live"),
    path("jobs/older/", create.job_list_older, name="job-list-older"),
    path("jobs/<uuid:ref>/", jobs.job_detail, name="job-detail"),
    path("jobs/<uuid:ref>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<uuid:ref>/cancel/confirm/", jobs.job_cancel_confirm, name="job-cancel-confirm"),
    path("jobs/<uuid:ref>/retry/", jobs.job_retry, name="job-retry"),
    path("jobs/<uuid:ref>/ran/", jobs.job_ran, name="job-ran"),
    path("jobs/<uuid:ref>/did-not-run/", jobs.job_did_not_run, name="job-did-not-run"),
    path("jobs/<uuid:ref>/look-up/", jobs.job_look_up, name="job-look-up"),
    path("jobs/<uuid:ref>/save-again/", jobs.job_save_again, name="job-save-again"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/older/", gallery.gallery_older, name="gallery-older"),
    path("images/<uuid:ref>/original", files.image_original, name="image-original"),
    path("images/<uuid:ref>/<int:width>.webp", files.image_thumbnail, name="image-thumbnail"),
]
