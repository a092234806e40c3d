"""Kills, stops, floods and starves a whole studio while it works, and counts what was lost or paid twice: `make chaos`.

See docs/chaos.md.
"""
