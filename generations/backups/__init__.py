"""Backups of the database and the files, to a folder or a bucket; bringing them back; trying whether that works."""
