"""Prompts become jobs, jobs become images."""

from generations.models.feed import Feed
from generations.models.image import Image, ImageKind
from generations.models.job import Job, JobEvent, Lane, Verb
from generations.models.prompt import Prompt
from generations.models.states import FINAL, HOLDS_SLOT, MOVES, JobStatus
from generations.models.task_slot import TaskSlot

__all__ = [
    "FINAL",
    "HOLDS_SLOT",
    "MOVES",
    "Feed",
    "Image",
    "ImageKind",
    "Job",
    "JobEvent",
    "JobStatus",
    "Lane",
    "Prompt",
    "TaskSlot",
    "Verb",
]
