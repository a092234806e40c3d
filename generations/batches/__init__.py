"""Batches: many prompts, or one action on many pictures, checked together, confirmed once and controlled together.

`drafting` stores what was written as a dry run, `review` shows it, `confirming` turns it into queued jobs; `controls`
and `progress` are for what runs, `archive` for its results. Nothing here talks to the network: the engine acts on rows.
"""
