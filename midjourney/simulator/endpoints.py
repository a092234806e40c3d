"""What each `POST /jobs/*` checks and what job it makes (useapi-v3.md §4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from midjourney.simulator import buttons, ids, presses
from midjourney.simulator.accounts import Account, Channel
from midjourney.simulator.describing import look_at_blob, look_at_link, settings_text, suggestions
from midjourney.simulator.faults import Active, without_words
from midjourney.simulator.fields import Fields
from midjourney.simulator.jobs import Job
from midjourney.simulator.prompts import BadParameter, Prompt, effective, read_prompt
from midjourney.simulator.recipes import PICTURES, Recipe, picture_size
from midjourney.simulator.replies import JOB_NOT_FOUND, Refusal
from midjourney.simulator.world import Draft, World

PROMPT_LIMIT = 5000
NO_START_FRAME = ("Invalid request", "No start frame provided")
BLEND_SIZES = {"Portrait": (2, 3), "Square": (1, 1), "Landscape": (3, 2)}
EMPTY = Prompt((), "")


@dataclass(slots=True)
class Call:
    """A request that wants a job."""

    world: World
    account: Account
    verb: str
    fields: Fields
    origin: str = ""
    faults: list[Active] = field(default_factory=list)
    blocked_text: str | None = None
    foreign: bool = False
    lasts: float | None = None
    force: bool = False

    def submit(self, draft: Draft, channel: str = "") -> tuple[Job, bool]:
        """Have the job accepted on that channel or on any with room. Second value: whether it is new."""
        draft.request = self.fields.echo()
        draft.reply_url = self.fields.link("replyUrl", limit=1024)
        draft.origin, draft.faults, draft.foreign, draft.lasts = self.origin, self.faults, self.foreign, self.lasts
        with self.world.lock:
            chosen = self.world.choose_channel(self.account, channel, draft.lane, self.blocked_text, force=self.force)
            settings = chosen.settings
            if draft.recipe is not None and draft.verb != "blend":
                suffix = str(settings.get("suffix") or "")
                draft.content = draft.content or effective(draft.prompt, suffix, str(settings.get("version") or "7"))
            return self.world.accept(self.account, chosen, draft), True


def check_common(fields: Fields) -> None:
    """The fields that every job takes (useapi-v3.md §4.1)."""
    fields.flag("stream", default=True)
    fields.link("replyUrl", limit=1024)
    fields.text("replyRef", limit=1024)
    fields.text("channel")


def imagine(call: Call) -> tuple[Job, bool]:
    """Text or an image to four images, or to videos (useapi-v3.md §4.2).

    `{…}` permutations and `--repeat` make one job, as nobody documents what the service does with them.
    """
    text = call.fields.text("prompt", limit=PROMPT_LIMIT, required=True)
    channel = call.fields.text("channel")
    prompt, refusal = read_or_refuse(without_words(text))
    if prompt.is_video:
        return call.submit(_video(prompt, refusal), channel)
    recipe = recipe_for(prompt, text)
    draft = Draft("imagine", "image", "image", {}, prompt, recipe=recipe, buttons=buttons.for_grid(), refusal=refusal)
    draft.content = text if refusal else ""
    return call.submit(draft, channel)


def button(call: Call) -> tuple[Job, bool]:
    """Press a button of a completed job (useapi-v3.md §4.3, §8)."""
    parent = find_parent(call)
    label = call.fields.text("button", required=True)
    if label not in parent.buttons:
        offered = ", ".join(parent.buttons) or "none"
        raise Refusal(400, f"Button {label} is not available, available buttons: {offered}", code=400)
    with call.world.lock:
        existing = parent.once.get(label)
        if existing:
            return call.world.jobs[existing], False
        channel = call.account.channels.get(parent.channel)
        return call.submit(presses.press(call.fields, parent, label, channel), parent.channel)


def describe(call: Call) -> tuple[Job, bool]:
    """An image to four prompts; a link is never fetched (useapi-v3.md §4.4)."""
    link = call.fields.link("imageUrl", limit=2048)
    blob = call.fields.image("imageBlob")
    if bool(link) == bool(blob):
        text = "Either imageUrl or imageBlob is required"
        raise Refusal(400, f"{text}, not both" if link else text, code=400)
    look = look_at_blob(blob, "imageBlob") if blob else look_at_link(link)
    width, height = look.size
    recipe = Recipe(look.subject, ids.digest(look.subject) & 0xFFFFFFFF, *picture_size((width, height)))
    result = {"suggestions": suggestions(look), "size": [width, height]}
    offered = list(buttons.DESCRIBE)
    draft = Draft("describe", "image", "describe", {}, EMPTY, recipe=recipe, buttons=offered, result=result)
    draft.show_type = False
    return call.submit(draft, call.fields.text("channel"))


def blend(call: Call) -> tuple[Job, bool]:
    """Two to five images to one (useapi-v3.md §4.5)."""
    subjects = []
    for number in range(1, 6):
        link = call.fields.link(f"imageUrl_{number}", limit=2048)
        blob = call.fields.image(f"imageBlob_{number}")
        if link and blob:
            raise Refusal(400, f"Either imageUrl_{number} or imageBlob_{number} is required, not both", code=400)
        if not link and not blob:
            if number <= 2:
                raise Refusal(400, f"Either imageUrl_{number} or imageBlob_{number} is required", code=400)
            continue
        subjects.append((look_at_blob(blob, f"imageBlob_{number}") if blob else look_at_link(link)).subject)
    dimensions = call.fields.text("blendDimensions") or "Square"
    if dimensions not in BLEND_SIZES:
        raise Refusal(400, f"Parameter blendDimensions must be one of {', '.join(BLEND_SIZES)}", code=400)
    aspect = BLEND_SIZES[dimensions]
    prompt = Prompt((), "", {"ar": f"{aspect[0]}:{aspect[1]}", "v": "7"})
    recipe = Recipe(" and ".join(subjects), 0, *picture_size(aspect))
    links = " ".join(f"<https://s.mj.run/{ids.digest(subject):016x}>" for subject in subjects)
    draft = Draft("blend", "image", "image", {}, prompt, recipe=recipe, buttons=buttons.for_grid())
    draft.content = f"{links} --ar {aspect[0]}:{aspect[1]} --v 7.0"
    return call.submit(draft, call.fields.text("channel"))


def seed(call: Call) -> tuple[Job, bool]:
    """Seed and single images of a completed image job (useapi-v3.md §4.6)."""
    parent = find_parent(call)
    if parent.lane != "image" or parent.verb not in {"imagine", "button", "blend"}:
        raise Refusal(400, f"Job {parent.jobid} is not an image job", code=400)
    with call.world.lock:
        existing = parent.once.get("seed")
        if existing:
            return call.world.jobs[existing], False
        recipe = replace(presses.recipe_of(parent), scale=1)
        result = {"seed": parent.seed, "guid": parent.guid}
        draft = Draft("seed", "", "seed", {}, EMPTY, recipe=recipe, result=result, parent=parent)
        draft.content = parent.effective
        job, is_new = call.submit(draft, parent.channel)
        job.recipe = recipe.as_record()
        call.world.change(job)
        return job, is_new


def settings_family(call: Call) -> tuple[Job, bool]:
    """settings, info, the speed modes and the two toggles (useapi-v3.md §4.7, §6.7)."""
    named = call.fields.text("channel")
    channels = call.account.channels
    if not named and len(channels) > 1:
        text = f"channel parameter is required when multiple channels ({len(channels)}) are configured"
        raise Refusal(400, text, code=400)
    with call.world.lock:
        channel = call.world.choose_channel(call.account, named, "", call.blocked_text)
        draft = Draft(call.verb, "", "settings", {}, EMPTY, show_type=False)
        job, is_new = call.submit(draft, channel.channel)
        if job.outcome == "completed":
            job.result = _switch(call, channel)
            call.world.change(job)
        return job, is_new


def find_parent(call: Call) -> Job:
    """The finished job that a button or a seed is asked of. Raises Refusal 400, 404 or 410."""
    jobid = call.fields.text("jobId", required=True)
    if not ids.JOB_ID.match(jobid):
        raise Refusal(404, JOB_NOT_FOUND)
    parent = call.world.find(call.account, jobid)
    status = parent.phase(call.world.clock.sim()).status
    if status != "completed":
        raise Refusal(400, f"Job {jobid} is {status}, it must be completed", code=400)
    return parent


def read_or_refuse(text: str) -> tuple[Prompt, tuple[str, str] | None]:
    """The prompt, and Midjourney's refusal where a parameter is wrong (useapi-v3.md §12)."""
    try:
        return read_prompt(text), None
    except BadParameter as exc:
        rough = Prompt((), text.split(" --")[0], {"video": ""} if " --video" in text else {})
        return rough, ("Invalid parameter", str(exc))


def recipe_for(prompt: Prompt, text: str) -> Recipe:
    """How the four pictures of a prompt look; image prompts lend their words."""
    words = " ".join([prompt.text, *(url.rsplit("/", 1)[-1] for url in prompt.urls)])
    return Recipe(words or without_words(text), 0, *picture_size(prompt.aspect()))


def _video(prompt: Prompt, refusal: tuple[str, str] | None) -> Draft:
    if not refusal and not prompt.urls:
        refusal = NO_START_FRAME
    count = int(prompt.parameters.get("bs", PICTURES))
    start = look_at_link(prompt.urls[0]) if prompt.urls else None
    recipe = Recipe(
        f"{prompt.text} {start.subject if start else ''}".strip(),
        0,
        *picture_size(start.size if start else (1, 1)),
        motion=prompt.parameters.get("motion", "low"),
        loop="loop" in prompt.parameters or prompt.parameters.get("end") == "loop",
    )
    draft = Draft(
        "imagine", "video", "video", {}, prompt, recipe=recipe, buttons=buttons.for_video(count), refusal=refusal
    )
    draft.result = {"videos": count}
    return draft


def _switch(call: Call, channel: Channel) -> dict[str, object]:
    """Change the channel's settings as the verb says; the result shows what is new."""
    settings = channel.settings
    verb = call.verb
    if verb in {"fast", "relax", "turbo"}:
        settings.update({mode: mode == verb for mode in ("fast", "relax", "turbo")})
    elif verb in {"remix", "variability"}:
        settings[verb] = not settings.get(verb)
    call.world.save_channel(call.account, channel)
    shown = dict(settings) if verb in {"settings", "info"} else {verb: settings[verb]}
    result: dict[str, object] = {"settings": shown, "content": settings_text(settings)}
    if verb == "info":
        result["text"] = _info_text(channel)
    return result


def _info_text(channel: Channel) -> str:
    return (
        f"**User ID**: {channel.user_id()}\n"
        "**Subscription**: Standard (Active monthly, renews next on <t:1800000000>)\n"
        f"**Visibility Mode**: {'Public' if channel.settings.get('public') else 'Stealth'}\n"
        "**Fast Time Remaining**: 10.42/15.0 hours (69.47%)\n**Lifetime Usage**: 1284 images (22.61 hours)\n"
        f"**Relaxed Usage**: 310 images (5.18 hours)\n\n**Queued Jobs (fast)**: 0\n**Queued Jobs (relax)**: 0\n"
        f"**Running Jobs**: {len(channel.running)}"
    )


VERBS: dict[str, Callable[[Call], tuple[Job, bool]]] = {
    "imagine": imagine,
    "button": button,
    "describe": describe,
    "blend": blend,
    "seed": seed,
    **dict.fromkeys(("settings", "info", "fast", "relax", "turbo", "variability", "remix"), settings_family),
}
