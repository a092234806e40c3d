"""Jobs, channels and lists as useapi-v3.md §3, §6 and §9 show them, and in every other shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midjourney.upstream import ChannelInfo, Child, JobReply, Media, RunningJob
from midjourney.useapi.parsing import channel_info, channel_list, job_list, job_reply
from midjourney.useapi.values import decode
from tests.midjourney.test_useapi_helpers import CHANNEL, CHILD, GUID, JOB, created, job


def read(data: Any, **options: Any) -> JobReply:
    reply = job_reply(data, **options)
    assert reply is not None
    return reply


def test_a_completed_grid_is_read_whole() -> None:
    reply = read(job())
    assert (reply.job_id, reply.status, reply.verb, reply.lane) == (JOB, "completed", "imagine", "image")
    assert reply.channel == CHANNEL
    assert reply.created == datetime(2025, 11, 20, 10, 15, 30, 171000, tzinfo=UTC)
    assert reply.updated == datetime(2025, 11, 20, 10, 16, 2, 640000, tzinfo=UTC)
    assert (reply.code, reply.progress, reply.reply_ref) == (200, 100, "gen-17")
    assert reply.prompt == "a lighthouse at dusk --ar 16:9"
    assert reply.effective_prompt == "a lighthouse at dusk --ar 16:9 --v 7.0"
    assert reply.buttons == ("U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4")
    assert reply.is_done
    assert reply.is_final


def test_a_job_just_accepted_needs_only_its_id() -> None:
    reply = read({"jobid": JOB}, status="created")
    assert (reply.status, reply.lane, reply.channel) == ("created", "image", CHANNEL)
    assert not reply.is_final


@pytest.mark.parametrize("data", [None, [], "text", 7, {}, {"jobid": ""}, {"jobid": 1.5}, {"error": "no"}, {"job": {}}])
def test_what_names_no_job_is_none(data: Any) -> None:
    assert job_reply(data) is None


def test_an_answer_about_another_job_is_not_believed() -> None:
    assert job_reply(job(), asked=CHILD) is None


def test_an_answer_without_an_id_is_believed_if_it_has_a_status() -> None:
    assert read({"status": "progress"}, asked=JOB).job_id == JOB
    assert job_reply({"verb": "imagine"}, asked=JOB) is None


def test_a_job_inside_a_stream_event_is_found() -> None:
    assert read({"event": "midjourney_progress", "job": created()}).job_id == JOB


@pytest.mark.parametrize(
    ("job_type", "letter", "lane"),
    [("video", "i", "video"), ("image", "v", "image"), (None, "v", "video"), ("other", "i", "image"), (None, "", "")],
)
def test_the_lane_is_the_job_type_else_the_letter_of_the_id(job_type: str | None, letter: str, lane: str) -> None:
    job_id = f"j1120101530123456789{letter}-u12345-c1-bot:midjourney"
    assert read({"jobid": job_id, "jobType": job_type}).lane == lane


@pytest.mark.parametrize("place", ["request", "response", "top"])
def test_our_reference_is_found_in_each_of_its_places(place: str) -> None:
    data = created(replyRef="gen-9") if place == "top" else created(**{place: {"replyRef": "gen-9"}})
    assert read(data).reply_ref == "gen-9"


def test_our_reference_in_the_request_comes_first() -> None:
    assert read(created(request={"replyRef": "a"}, response={"replyRef": "b"}, replyRef="c")).reply_ref == "a"


@pytest.mark.parametrize(
    ("response", "progress"),
    [
        ({"progress_percent": 46}, 46),
        ({"progress_percent": "46"}, 46),
        ({"progress_percent": 46.5}, 46),
        ({"progress_percent": 460}, None),
        ({"progress_percent": True}, None),
        ({"content": "**a (5%) b** - <@1> (31%) (fast)"}, 31),
        ({"content": "**a** - <@1> (Waiting to start)"}, None),
        ({}, None),
    ],
)
def test_progress_is_read_where_it_is_said(response: dict[str, Any], progress: int | None) -> None:
    assert read(created(status="progress", response=response)).progress == progress


def test_cancelled_jobs_are_known_by_status_or_by_words() -> None:
    assert read(created(status="canceled")).was_cancelled
    assert read(created(status="failed", error="Job cancelled by user")).was_cancelled
    assert not read(created(status="failed", error="Job timed out")).was_cancelled


def test_a_refused_job_has_its_reason() -> None:
    data = created(status="moderated", code=422, error="Invalid request", errorDetails="No start frame provided")
    reply = read(data)
    assert (reply.code, reply.error, reply.error_details) == (422, "Invalid request", "No start frame provided")


def test_a_reason_is_taken_from_the_red_message_where_the_fields_are_missing() -> None:
    embed = {"title": "Invalid parameter", "description": "`--foo` is unknown <@111>"}
    reply = read(created(status="moderated", response={"embeds": [embed]}))
    assert (reply.error, reply.error_details) == ("Invalid parameter", "`--foo` is unknown")


@pytest.mark.parametrize(
    ("content", "prompt"),
    [
        ("**a lighthouse** - <@1> (fast)", "a lighthouse"),
        ("**a lighthouse** - Image #1 <@1>", "a lighthouse"),
        ("**two\nlines --v 7.0** - <@1> (Stopped)", "two\nlines --v 7.0"),
        ("**a** - <@1> (fast)\n-# [text](<https://x.example/y>)", "a"),
        ("**<https://s.mj.run/AbC> a boat** - <@1>", "<https://s.mj.run/AbC> a boat"),
        ("no stars", ""),
        ("", ""),
    ],
)
def test_the_prompt_as_it_ran_is_between_the_stars(content: str, prompt: str) -> None:
    assert read(created(response={"content": content})).effective_prompt == prompt


@pytest.mark.parametrize(
    ("changes", "seed"),
    [
        ({"response": {"seed": {"value": 1, "content": "seed 2"}}, "seed": {"value": 3}}, 1),
        ({"response": {"seed": {"content": "**seed** 2"}, "content": "seed 4"}, "seed": {"value": 3}}, 3),
        ({"response": {"seed": {"content": "**seed** 2"}, "content": "seed 4"}}, 2),
        ({"response": {"content": "**a seed 5 --seed 6**\n**seed** 123456789"}}, 123456789),
        ({"response": {"seed": 77}}, 77),
        ({"response": {"seed": {"value": "4294967295"}}}, 4294967295),
        ({"response": {"seed": {"value": 4294967296}}}, None),
        ({"response": {"content": "nothing"}}, None),
    ],
)
def test_the_seed_is_read_in_the_documented_order(changes: dict[str, Any], seed: int | None) -> None:
    assert read(created(verb="seed", status="completed", **changes)).seed == seed


def test_a_prompt_that_speaks_of_seeds_is_no_seed() -> None:
    assert read(job(response={"content": "**a seed 5** - <@1>"})).seed is None


DESCRIPTION = "1️⃣ a [grey](https://x.example) cat --ar 3:2\n\n2️⃣ portrait\n\n3️⃣ third\n\n4️⃣ fourth"


@pytest.mark.parametrize("response", [{"embeds": [{"description": DESCRIPTION}]}, {"content": DESCRIPTION}])
def test_a_description_is_split_at_its_keycaps(response: dict[str, Any]) -> None:
    reply = read(created(verb="describe", status="completed", response=response))
    assert reply.suggestions == ("a grey cat --ar 3:2", "portrait", "third", "fourth")


def test_settings_are_plain_values_with_unknown_keys_kept() -> None:
    panel = {"version": "7", "stylize": 100, "raw": False, "suffix": None, "newKey": "x", "nested": {"a": 1}}
    reply = read(created(verb="settings", status="completed", response={"settings": panel}))
    assert reply.settings == {"version": "7", "stylize": 100, "raw": False, "newKey": "x"}


@pytest.mark.parametrize(
    "response",
    [
        {"children": {"U1": {"jobid": CHILD}}},
        {"children": {CHILD: {"button": "U1"}}},
        {"children": {CHILD: "U1"}},
        {"children": {"U1": CHILD}},
        {"children": {"U1": [CHILD]}},
        {"children": [{"button": "U1", "jobid": CHILD, "messageId": "7"}]},
        {"children": {"0": {"button": "U1", "jobId": CHILD}}},
        {"children": {CHILD: {"jobid": CHILD, "button": ""}}, "executeOnce": {"U1": CHILD}},
        {"executeOnce": {"U1": {"jobid": CHILD}}},
    ],
)
def test_children_are_found_in_every_shape(response: dict[str, Any]) -> None:
    assert read(job(response=response)).children == (Child(CHILD, "U1"),)


def test_children_without_a_label_and_the_job_itself() -> None:
    assert read(job(response={"children": [CHILD, JOB]})).children == (Child(CHILD, ""),)


GRID = Media(
    url=f"https://cdn.discordapp.com/attachments/1/2/studio_bot_{GUID}.png?ex=1&is=2&hm=3&",
    kind="grid",
    position=0,
    content_type="image/png",
    width=2912,
    height=1632,
    size=6793000,
)


def places(reply: JobReply) -> list[tuple[str, int]]:
    return [(media.kind, media.position) for media in reply.media]


def test_a_grid_comes_with_its_four_singles() -> None:
    reply = read(job())
    assert reply.media[0] == GRID
    single = Media(f"https://cdn.midjourney.com/{GUID}/0_0.jpeg", "single", 1, "image/jpeg")
    assert reply.media[1] == single
    assert places(reply) == [("grid", 0), ("single", 1), ("single", 2), ("single", 3), ("single", 4)]


def test_a_grid_without_singles_is_still_a_grid() -> None:
    assert places(read(job(response={"imageUx": None}))) == [("grid", 0)]


def test_singles_without_an_attachment_are_still_singles() -> None:
    assert places(read(job(response={"attachments": []}))) == [("single", n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("button", ["U1", "U4", "Upscale (Subtle)", "Redo Upscale (4x)"])
@pytest.mark.parametrize("singles", [None, [{"id": 1, "url": "https://cdn.midjourney.com/x/0_0.jpeg"}]])
def test_an_upscale_is_one_picture_named_once(button: str, singles: list[Any] | None) -> None:
    reply = read(job(verb="button", request={"button": button}, response={"imageUx": singles}))
    assert places(reply) == [("single", 1)]
    assert reply.media[0].url == GRID.url


def test_an_upscale_without_an_attachment_is_its_one_single() -> None:
    lone = [{"id": 1, "url": "https://cdn.midjourney.com/x/0_0.jpeg"}]
    reply = read(job(verb="button", request={"button": "U2"}, response={"imageUx": lone, "attachments": []}))
    assert places(reply) == [("single", 1)]


@pytest.mark.parametrize("button", ["V1", "🔄", "Vary (Strong)", "Zoom Out 2x"])
def test_other_buttons_bring_a_grid(button: str) -> None:
    assert places(read(job(verb="button", request={"button": button})))[0] == ("grid", 0)


def video(**response: Any) -> JobReply:
    preview = [{"url": "https://cdn.discordapp.com/a.webp?ex=1", "content_type": "image/webp"}]
    return read(job(jobType="video", response={"attachments": preview, "imageUx": None, **response}))


def test_a_video_job_brings_clips_and_a_preview() -> None:
    clips = [{"id": n, "url": f"https://cdn.midjourney.com/video/{GUID}/{n - 1}.mp4"} for n in (1, 2)]
    reply = video(videoUx=clips)
    assert places(reply) == [("preview", 0), ("video", 1), ("video", 2)]
    assert reply.media[1].content_type == "video/mp4"


def test_a_clip_that_came_as_the_attachment_counts() -> None:
    film = [{"url": "https://cdn.discordapp.com/a.mp4?ex=1", "content_type": "video/mp4"}]
    assert places(video(attachments=film)) == [("video", 1)]


def test_a_running_job_has_only_a_preview_and_a_failed_one_nothing() -> None:
    assert places(read(job(status="progress"))) == [("preview", 0)]
    assert places(read(job(status="failed"))) == []


def test_a_seed_job_brings_singles() -> None:
    files = [{"id": str(n), "url": f"https://cdn.discordapp.com/0_{n}.png"} for n in range(4)]
    reply = read(created(verb="seed", status="completed", response={"attachments": files}))
    assert places(reply) == [("single", n) for n in (1, 2, 3, 4)]


def test_a_describe_job_does_not_bring_back_the_picture_that_was_sent() -> None:
    assert read(job(verb="describe")).media == ()


@pytest.mark.parametrize(
    "urls",
    [
        [{"id": 2, "url": "https://a/2"}, {"id": 1, "url": "https://a/1"}],
        {"1": {"url": "https://a/1"}, "2": {"url": "https://a/2"}},
        ["https://a/1", "https://a/2"],
        [{"id": "1", "url": "https://a/1"}, {"url": "https://a/2"}, {"id": 1, "url": "https://a/3"}, {"id": 9}, None],
    ],
)
def test_singles_are_read_in_every_shape(urls: Any) -> None:
    singles = [media for media in read(job(response={"imageUx": urls})).media if media.kind == "single"]
    assert [(media.position, media.url) for media in singles] == [(1, "https://a/1"), (2, "https://a/2")]


def test_a_link_that_is_no_web_address_is_no_file() -> None:
    bad = [{"id": 1, "url": "file:///etc/passwd"}, {"id": 2, "url": "javascript:1"}]
    assert places(read(job(response={"imageUx": bad, "attachments": [{"url": 7}]}))) == []


def test_labels_are_kept_letter_by_letter() -> None:
    assert read(job(response={"buttons": ["⬅️", "🔄", "U1", "U1", 7, ""]})).buttons == ("⬅️", "🔄", "U1")


def test_what_a_database_cannot_hold_is_taken_out() -> None:
    reply = read(job(request={"prompt": "a\x00b\ud800"}, response={"progress_percent": float("inf")}))
    assert reply.prompt == "ab?"
    assert "progress_percent" not in reply.raw["response"]


def channel(**changes: Any) -> dict[str, Any]:
    return {"channel": "77", "maxJobs": 5, "maxImageJobs": 4, "maxVideoJobs": 2, **changes}


def test_channels_come_as_a_map_or_a_list() -> None:
    expected = (ChannelInfo("77", 5, 4, 2),)
    assert channel_list({"77": channel()}) == expected
    assert channel_list([channel()]) == expected
    assert channel_list({}) == ()


def test_an_error_on_a_channel_is_a_block() -> None:
    assert channel_list({"77": channel(error="Pending mod message")}) == (
        ChannelInfo("77", 5, 4, 2, "Pending mod message"),
    )
    assert channel_list({"77": channel(error={"a": 1})}) == (ChannelInfo("77", 5, 4, 2, "blocked"),)


def test_missing_limits_are_the_documented_defaults() -> None:
    assert channel_info({}, "77") == ChannelInfo("77", 3, 3, 3)
    assert channel_info({"maxJobs": 1}, "77") == ChannelInfo("77", 1, 1, 1)


@pytest.mark.parametrize("data", [None, "x", 3, {"error": "no"}, ["x"]])
def test_what_holds_no_channels_is_none(data: Any) -> None:
    assert channel_list(data) is None


def test_the_running_jobs_are_listed_with_channel_and_lane() -> None:
    entry = {"jobId": JOB, "channel": CHANNEL, "jobType": "image", "created": "2025-11-20T10:15:30.171Z"}
    listed = job_list({"total": 1, "channels": {CHANNEL: {"total": 1, "images": 1, "videos": 0, "jobs": [entry]}}})
    assert listed is not None
    moment = datetime(2025, 11, 20, 10, 15, 30, 171000, tzinfo=UTC)
    assert listed.jobs == (RunningJob(JOB, CHANNEL, "image", moment),)
    assert (listed.channels[0].total, listed.channels[0].images) == (1, 1)


@pytest.mark.parametrize(
    "data",
    [{"total": 0}, {"total": 0, "channels": {}}, {"total": 0, "channels": {CHANNEL: {"total": 0}}}, {"channels": {}}],
)
def test_an_idle_account_has_an_empty_list(data: Any) -> None:
    listed = job_list(data)
    assert listed is not None
    assert listed.jobs == ()


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        [],
        {"total": 2},
        {"channels": "none"},
        {"channels": {CHANNEL: {"total": 1}}},
        {"channels": {CHANNEL: {"jobs": "x"}}},
        {"channels": {CHANNEL: {"total": 2, "jobs": [{"jobId": JOB}, {}]}}},
        {"channels": {CHANNEL: None}},
    ],
)
def test_a_list_that_cannot_be_read_whole_is_no_list(data: Any) -> None:
    assert job_list(data) is None


FIELDS = (
    "jobid jobId job verb jobType status created updated code error errorDetails request response seed value content "
    "settings buttons attachments imageUx videoUx children executeOnce embeds title description footer text url id "
    "prompt button replyRef channel channels jobs total maxJobs progress_percent width size content_type"
)
NAMES = st.sampled_from(FIELDS.split())
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(
        [JOB, CHILD, "completed", "describe", "seed", "video", "button", "U1", "https://x.example/1", "1️⃣ a"]
    )
)
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=8)
)


@settings(max_examples=150, deadline=None)
@given(ANY_JSON, st.sampled_from(["completed", "progress", "moderated", "failed"]), NAMES)
def test_reading_never_raises(data: Any, status: str, verb: str) -> None:
    job_reply(data)
    job_reply(data, asked=JOB)
    job_reply({"jobid": JOB, "status": status, "verb": verb, "request": data, "response": data})
    channel_list(data)
    channel_info(data)
    job_list(data)
    job_list({"channels": {"1": data}})


@given(st.dictionaries(NAMES, ANY_JSON, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_is_read_can_be_stored(fields: dict[str, Any]) -> None:
    reply = read({**fields, "jobid": JOB, "response": fields})
    stored = json.dumps([reply.raw, reply.settings, reply.prompt, reply.error, reply.buttons], allow_nan=False)
    assert "\\u0000" not in stored
    json.dumps([reply.raw, reply.prompt, reply.error], ensure_ascii=False).encode()


@given(st.binary(max_size=60))
def test_decoding_never_raises(body: bytes) -> None:
    decode(body)


def test_half_json_and_endless_nesting_are_nothing() -> None:
    assert decode(b'{"jobid": "j1') is None
    assert decode(b"[" * 100_000) is None
