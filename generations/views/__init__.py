"""The pages of prompts, jobs and pictures."""
