"""What keeps a batch from being made. Each problem is a sentence or two for the person: what is wrong, what to do."""


class CannotDraft(Exception):
    """What was written cannot become a dry run at all. Nothing was stored."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class CannotConfirm(Exception):
    """The dry run cannot be started as it is. Nothing was queued."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems
