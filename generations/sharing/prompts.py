"""A prompt as others read it: without addresses and reference codes, which may be traced to an account."""

from generations.models import Image
from midjourney import prompt as language

PICTURES = ("sref", "cref", "oref", "edit", "end")  # parameters whose values are pictures


def shown(image: Image) -> str:
    """The words and parameters of a picture's prompt; needs the image's job."""
    text = image.job.text
    parsed = language.parse(text)
    for argument in sorted(parsed.all(*PICTURES), key=lambda each: -each.start):
        text = text[: argument.start] + text[argument.end :]
    words = [word for word in text.split() if "://" not in word and not word.startswith("ref:")]
    return " ".join(words)
