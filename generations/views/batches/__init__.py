"""The pages of batches: `drafts` until one is confirmed, `running` from then on."""
