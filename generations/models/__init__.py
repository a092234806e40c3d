"""Prompts become jobs, jobs become images."""

from generations.models.batch import Batch, BatchLine, BatchSource, BatchStatus, LineLevel
from generations.models.budget import Budget, Spend
from generations.models.feed import Feed
from generations.models.image import Image, ImageKind
from generations.models.job import QUIET, Job, JobEvent, Lane, Verb
from generations.models.kept import PromptTemplate, Style, TemplateKind
from generations.models.priority import Priority
from generations.models.prompt import Prompt
from generations.models.reference import InputRole, JobInput, Reference
from generations.models.share import Share
from generations.models.states import FINAL, HOLDS_SLOT, MOVES, JobStatus
from generations.models.task_slot import TaskSlot

__all__ = [
    "FINAL",
    "HOLDS_SLOT",
    "MOVES",
    "QUIET",
    "Batch",
    "BatchLine",
    "BatchSource",
    "BatchStatus",
    "Budget",
    "Feed",
    "Image",
    "ImageKind",
    "InputRole",
    "Job",
    "JobEvent",
    "JobInput",
    "JobStatus",
    "Lane",
    "LineLevel",
    "Priority",
    "Prompt",
    "PromptTemplate",
    "Reference",
    "Share",
    "Spend",
    "Style",
    "TaskSlot",
    "TemplateKind",
    "Verb",
]
