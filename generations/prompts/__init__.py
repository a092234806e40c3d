"""Prompts worth keeping: history, templates with variables, styles, and what was made before."""
