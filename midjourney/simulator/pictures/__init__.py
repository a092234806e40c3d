"""Pictures out of words."""

from midjourney.simulator.pictures.drawing import draw

__all__ = ["draw"]
