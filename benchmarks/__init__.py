"""How well the engine uses its slots, as ratios and counts: `make bench`. See docs/performance.md."""
