"""The queue as everybody sees it: who waits on which account, in which order they will start and when, and why."""
