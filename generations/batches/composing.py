"""From numbered lines to the rows of a draft: expanded, merged with the shared parameters, checked, compared."""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from generations import kinds
from generations.batches import merging
from generations.batches.errors import CannotDraft
from generations.batches.reading import MOST_LINES, Line
from generations.models import BatchLine, LineLevel
from midjourney import prompt as language
from midjourney.prompt import Problem, Prompt, PromptSyntaxError

WORDS = "words"  # stand-ins, to judge shared parameters without a prompt


@dataclass(frozen=True)
class Shared:
    """Shared parameters: the variants that their braces stand for, and how often each prompt is repeated."""

    variants: tuple[Prompt, ...] = (Prompt(),)
    repeat: str = ""


def read_shared(text: str) -> Shared:
    """Read shared parameters. Raises CannotDraft where they are none or cannot work."""
    if not text.strip():
        return Shared()
    try:
        mended = language.normalise(f"{WORDS} {text}").text
        repeat = language.parse(mended).value("repeat")
        variants = language.expand(mended, limit=MOST_LINES)
    except PromptSyntaxError as error:
        raise CannotDraft(f"Shared parameters: {error.message}") from None
    prompts = tuple(map(language.parse, dict.fromkeys(variants)))
    problems = [problem for prompt in prompts for problem in _wrong_with_shared(prompt)]
    if problems:
        raise CannotDraft(*dict.fromkeys(f"Shared parameters: {problem}" for problem in problems))
    return Shared(prompts, repeat)


def _wrong_with_shared(prompt: Prompt) -> Iterator[str]:
    if prompt.words != WORDS or prompt.image_urls:
        yield "Only parameters can be shared. Start with two dashes, as in --ar 16:9."
    found = (problem for problem in language.check(prompt) if problem.is_error and problem.parameter)
    yield from (problem.message for problem in found if problem.code != "video_without_image")


def compose(lines: tuple[Line, ...], shared: Shared) -> list[BatchLine]:
    """The rows of a draft, not saved, numbered by position. Raises CannotDraft where there are too many."""
    rows: list[BatchLine] = []
    for line in lines:
        rows += _rows_of(line, shared)
        if len(rows) > MOST_LINES:
            raise CannotDraft(
                f"This makes more than {MOST_LINES:,} prompts; line {line.number} goes beyond it. Split it into "
                "several batches, or take options out of the braces."
            )
    for position, row in enumerate(rows, start=1):
        row.position = position
    _mark_twins(rows)
    return rows


def impossible(number: int, text: str, problem: str, **fields) -> BatchLine:
    """A row that cannot work, with its reason."""
    return BatchLine(
        number=number, text=text, level=LineLevel.IMPOSSIBLE, problem=problem[:500], is_chosen=False, **fields
    )


def _rows_of(line: Line, shared: Shared) -> list[BatchLine]:
    if line.problem:
        return [impossible(line.number, line.text, line.problem)]
    text = language.normalise(line.text).text
    if shared.repeat and not language.parse(text).has("repeat"):
        text = language.update(text, repeat=shared.repeat)
    try:
        singles = language.expand(text, MOST_LINES)
    except PromptSyntaxError as error:
        return [impossible(line.number, line.text, error.message)]
    rows: list[BatchLine] = []
    is_repeat = len(singles) > 1 and language.parse(text).has("repeat")
    for single, times in Counter(singles).items():  # equal ones, of a repeat, are checked once
        prompt = language.parse(single)
        merged = dict.fromkeys(merging.below(prompt, variant, line.without) for variant in shared.variants)
        for each in merged:
            row = _row(line.number, single if each is prompt else language.build(each), each)
            rows += [copy(row) for _ in range(times)]
    for row in rows:
        row.is_repeat = is_repeat  # type: ignore[attr-defined]  # for _mark_twins, not kept
    return rows


def _row(number: int, text: str, prompt: Prompt) -> BatchLine:
    problems = language.check(prompt, today=date.today())
    errors = [problem for problem in problems if problem.is_error]
    if errors:
        return impossible(number, text, _told(errors))
    return BatchLine(
        number=number,
        text=text,
        level=LineLevel.WARNING if problems else LineLevel.OK,
        problem=_told(problems)[:500],
        lane=language.lane(prompt),
        kind=kinds.of_prompt(prompt),
        gpu_minutes=language.gpu_minutes(prompt).quantize(Decimal("0.001")),
    )


def _told(problems: Iterable[Problem]) -> str:
    return " ".join(problem.message for problem in problems)


def _mark_twins(rows: list[BatchLine]) -> None:
    """Leave out what is the same prompt again. A repeat that was asked for is meant, unless a seed fixes the result."""
    first: dict[str, int] = {}
    for row in rows:
        if row.level == LineLevel.IMPOSSIBLE:
            continue
        key = " ".join(row.text.split())
        earlier = first.setdefault(key, row.position)
        if earlier == row.position or _is_meant(row, rows[earlier - 1]):
            continue
        mark_twin(row, f"The same prompt as in line {rows[earlier - 1].number}.")


def _is_meant(row: BatchLine, earlier: BatchLine) -> bool:
    return row.number == earlier.number and getattr(row, "is_repeat", False) and "--seed" not in row.text


def mark_twin(row: BatchLine, problem: str) -> None:
    """Leave a row out as a duplicate; it can be chosen again."""
    row.level, row.is_chosen = LineLevel.DUPLICATE, False
    row.problem = f"{problem} {row.problem}".strip()[:500]
