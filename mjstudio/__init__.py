"""Wiring: settings, root URLs, middleware, log redaction. Imports the apps; no app imports it."""

__version__ = "0.1.0"
