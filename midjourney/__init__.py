"""Midjourney services: the prompt language, the upstream protocol, its clients and a simulator. Knows no Django."""
