"""Prompts become jobs, jobs become images."""

from generations.models.batch import Batch, BatchLine, BatchSource, BatchStatus, LineLevel
from generations.models.budget import Budget, Spend
from generations.models.collection import Collection, CollectionEntry, GalleryChange, ImageTag, Tag
from generations.models.feed import Feed
from generations.models.image import Image, ImageKind, Origin
from generations.models.job import QUIET, Job, JobEvent, Lane, Verb
from generations.models.kept import PromptTemplate, Style, TemplateKind
from generations.models.look import ImageLook
from generations.models.media_check import MediaCheck
from generations.models.priority import Priority
from generations.models.prompt import Prompt
from generations.models.reference import InputRole, JobInput, Reference
from generations.models.share import Share
from generations.models.sharing import Comment, Grant, Pick, PublicLink, ShareRole
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
    "Collection",
    "CollectionEntry",
    "Comment",
    "Feed",
    "GalleryChange",
    "Grant",
    "Image",
    "ImageKind",
    "ImageLook",
    "ImageTag",
    "InputRole",
    "Job",
    "JobEvent",
    "JobInput",
    "JobStatus",
    "Lane",
    "LineLevel",
    "MediaCheck",
    "Origin",
    "Pick",
    "Priority",
    "Prompt",
    "PromptTemplate",
    "PublicLink",
    "Reference",
    "Share",
    "ShareRole",
    "Spend",
    "Style",
    "Tag",
    "TaskSlot",
    "TemplateKind",
    "Verb",
]
