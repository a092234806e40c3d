"""Drives jobs through the upstream: claim, send, watch, settle, save. docs/engine.md tells the story."""
