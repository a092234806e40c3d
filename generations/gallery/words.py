"""Text as a search sees it: without case, accents and punctuation, the same for what is stored and what is asked.

Both databases are given folded words only, so that they agree on what a word is.
"""

import re
import unicodedata

from midjourney import prompt as language

_WORD = re.compile(r"[^\W_]+")
LONGEST = 60  # characters of a word; databases do not index longer ones
MOST = 1500  # words of one picture

# Words that say nothing about what a picture shows.
_STOP = """
about above after all also an and any are around as at be because been before behind below beneath between both but by
can could did do does down during each else ever every few for from had has have he her here him his how if in into is
it its just like made many more most much near no nor not of off on one only onto or other our out over own per she so
some such than that the their them then there these they this those through to too toward towards under until up upon
very was we were what when where which while who whose will with within without you your
"""
STOP = frozenset(_STOP.split())


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


def telling(folded: str) -> list[str]:
    """The words of a folded text that say what a picture shows, each once, in their order.

    Left out are those that say nothing by themselves: stop words, single letters and plain numbers.
    """
    found = dict.fromkeys(folded.split())
    return [
        word for word in found if word not in STOP and not word.isdecimal() and not (len(word) == 1 and word.isascii())
    ]
