"""The gallery: a member's saved pictures, found, organised and taken home."""
