"""Pages of people and API accounts."""
