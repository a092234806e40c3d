"""Sharing: pictures and collections for chosen people, the team, or whoever has a link (docs/sharing.md)."""
