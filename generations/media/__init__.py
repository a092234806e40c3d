"""Result files: fetched, checked, thumbnailed and kept under our own names below MEDIA_ROOT."""
