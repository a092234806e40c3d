"""Text as a search sees it: without case, accents and punctuation, the same for what is stored and what is asked.

Both databases are given folded words only, so that they agree on what a word is.
"""

import re
import unicodedata

from midjourney import prompt as language

_WORD = re.compile(r"[^\W_]+")
LONGEST = 60  # characters of a word; databases do not index longer ones
MOST = 1500  # words of one picture


def fold(text: str) -> str:
    """Lower case, and without accents: "Ébauche" is found as "ebauche"."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()


def split(text: str) -> list[str]:
    """The words of a text, folded."""
    return [word[:LONGEST] for word in _WORD.findall(fold(text))]


def of_prompt(text: str) -> str:
    """What can be searched for in a prompt: its words, without addresses and parameters."""
    return " ".join(split(language.parse(text).words)[:MOST])
