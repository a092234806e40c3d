"""URLs of prompts, jobs and images."""

from django.urls import path

from generations.views import create, files, gallery, jobs
from generations.views.batches import drafts, running

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
    path("batches/", running.batch_list, name="batch-list"),
    path("batches/new/", drafts.batch_new, name="batch-new"),
    path("batches/from-pictures/", drafts.batch_from_pictures, name="batch-from-pictures"),
    path("batches/shared/", drafts.batch_shared_check, name="batch-shared-check"),
    path("batches/<uuid:ref>/", running.batch_detail, name="batch-detail"),
    path("batches/<uuid:ref>/edit/", drafts.batch_edit, name="batch-edit"),
    path("batches/<uuid:ref>/lines/", drafts.batch_lines, name="batch-lines"),
    path("batches/<uuid:ref>/choose/", drafts.batch_choose, name="batch-choose"),
    path("batches/<uuid:ref>/discard/", drafts.batch_discard, name="batch-discard"),
    path("batches/<uuid:ref>/confirm/", drafts.batch_confirm, name="batch-confirm"),
    path("batches/<uuid:ref>/live/", running.batch_live, name="batch-live"),
    path("batches/<uuid:ref>/pictures/", running.batch_pictures, name="batch-pictures"),
    path("batches/<uuid:ref>/failed/", running.batch_failed, name="batch-failed"),
    path("batches/<uuid:ref>/archive/", running.batch_archive, name="batch-archive"),
    path("batches/<uuid:ref>/pause/", running.batch_pause, name="batch-pause"),
    path("batches/<uuid:ref>/resume/", running.batch_resume, name="batch-resume"),
    path("batches/<uuid:ref>/stop/", running.batch_stop, name="batch-stop"),
    path("batches/<uuid:ref>/retry/", running.batch_retry, name="batch-retry"),
    path("batches/<uuid:ref>/priority/", running.batch_priority, name="batch-priority"),
    path("batches/<uuid:ref>/move/", running.batch_move, name="batch-move"),
    path("batches/<uuid:ref>/rename/", running.batch_rename, name="batch-rename"),
    path("batches/<uuid:ref>/again/", running.batch_again, name="batch-again"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/older/", gallery.gallery_older, name="gallery-older"),
    path("images/<uuid:ref>/original", files.image_original, name="image-original"),
    path("images/<uuid:ref>/<int:width>.webp", files.image_thumbnail, name="image-thumbnail"),
]
