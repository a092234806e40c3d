"""Every reason that a job can have, worded for people: what happened, what to do, whether it cost anything.

The one place for such words: pages, commands and the queue take them from here by the code that a job keeps. Where we
can do what is to be done, `opens` says which page does it; running again, editing and looking up stand beside it.
"""

from dataclasses import dataclass
from typing import Literal

FREE = "It cost nothing."
MAY_COST = "It may have been charged."
COST = "It was charged."


@dataclass(frozen=True)
class Explanation:
    """`do` is for whoever owns the job, `admin` for admins where they can do more; `opens` is where it is done."""

    what: str
    do: str = ""
    cost: str = ""
    admin: str = ""
    opens: Literal["", "account", "references", "parent"] = ""


EXPLANATIONS = {
    # The upstream said no (useapi-v3.md §5.2, §10)
    "moderated": Explanation(
        "Midjourney's moderation stopped this prompt.", "Change the wording and send it again.", FREE
    ),
    "moderated_stopped": Explanation(
        "Midjourney's moderation stopped this while it was being made.",
        "Change the wording before you run it again.",
        MAY_COST,
    ),
    "moderated_gone": Explanation(
        "Midjourney made this and then took the result away.",
        "Change the wording before you run it again.",
        MAY_COST,
    ),
    "invalid_prompt": Explanation(
        "Midjourney could not read this request.", "Correct what it says below and send it again.", FREE
    ),
    "refused": Explanation("The service refused this request.", "Correct what it says below and send it again.", FREE),
    "already_executed": Explanation(
        "Midjourney does this once for a picture, and it was done before.",
        "Look at the picture's family for the result.",
        FREE,
        opens="parent",
    ),
    "no_seed_named": Explanation("The service named no seed for this picture.", "It will not name one later.", FREE),
    "failed_upstream": Explanation(
        "The service could not finish this job.", "Look at what it says below before you run it again.", MAY_COST
    ),
    "timed_out": Explanation(
        "The job did not end within the service's time limit.", "Run it again, perhaps in fast mode.", MAY_COST
    ),
    "job_not_found": Explanation(
        "The service no longer knows this job.", "Look for it at Midjourney before you run it again.", MAY_COST
    ),
    "job_expired": Explanation(
        "The service has deleted this job: it keeps them for 62 days.", "Run it again if you need it.", COST
    ),
    "cancelled": Explanation("It was cancelled before it was sent.", "", FREE),
    "cancelled_upstream": Explanation(
        "It was stopped while it ran.",
        "Reuse the prompt to run it again.",
        "What it had used until then may be charged.",
    ),
    "parent_gone": Explanation(
        "The service no longer knows the picture that this starts from.", "Make that picture again first.", FREE
    ),
    "chain_broken": Explanation(
        "The step before this one did not work, so this one was not sent.", "See what happened to that one.", FREE
    ),
    "not_offered": Explanation(
        "Midjourney does not offer this for the picture that it was meant for.", "Choose another action.", FREE
    ),
    "batch_stopped": Explanation("Its batch was stopped.", "Run the batch again, or this line alone.", FREE),
    # Pictures that a job uses
    "reference_unreachable": Explanation(
        "The service cannot fetch a picture that this uses: the studio has no public address.",
        "Use a web address instead, or ask an admin to set PUBLIC_URL.",
        FREE,
        admin="Set PUBLIC_URL to the address under which the studio is reached from outside.",
        opens="references",
    ),
    "reference_missing": Explanation(
        "The file of a picture that this uses is not on the studio’s disk.",
        "Upload the picture again.",
        FREE,
        opens="references",
    ),
    "storage_away": Explanation(
        "The storage of the pictures did not answer, and this uses one of them.", "Run it again in a minute.", FREE
    ),
    # Nobody knows
    "lost_answer": Explanation(
        "The service did not answer, so this may be running.", "It is being looked up; nothing is sent twice.", MAY_COST
    ),
    "upstream_queued": Explanation(
        "The service says that Midjourney queued this job where it cannot be followed.",
        "Look for it at Midjourney, then say whether it ran.",
        MAY_COST,
    ),
    "internal_error": Explanation(
        "The studio failed while it was sending this, so it may be running.",
        "It is being looked up; nothing is sent twice.",
        MAY_COST,
    ),
    "ran_untracked": Explanation(
        "It ran, but its pictures could not be followed.", "Find them at Midjourney, or run it again.", COST
    ),
    # It waits
    "busy": Explanation(
        "The service had no free slot.", "It is sent again by itself, after the pause that it asked for.", FREE
    ),
    "unreachable": Explanation("The service cannot be reached.", "It is sent as soon as the service answers.", FREE),
    "server_error": Explanation("The service has a fault.", "It is sent as soon as the service answers.", FREE),
    "too_late": Explanation("It was not sent in time.", "It is sent again by itself.", FREE),
    "not_sent": Explanation("The worker stopped before sending it.", "It is sent again by itself.", FREE),
    "sent_again": Explanation("The answer was lost, and asking again is free.", "It is sent again by itself.", FREE),
    "never_started": Explanation("The service never received it.", "It is sent again by itself.", FREE),
    "bad_token": Explanation(
        "The service refused the account's token, so nothing is sent.",
        "An admin must replace the token; it goes on by itself then.",
        FREE,
        admin="Paste the current token of the account. Waiting jobs go on by themselves.",
        opens="account",
    ),
    "no_subscription": Explanation(
        "The account has no subscription, or it has expired.",
        "An admin must renew it at the service; it goes on by itself then.",
        FREE,
        admin="Renew it at the service, then test the account.",
        opens="account",
    ),
    "no_service": Explanation(
        "There is no such service at the account's address any more.",
        "An admin must check the account.",
        FREE,
        admin="Check the address, and whether the service still exists.",
        opens="account",
    ),
    "service_ended": Explanation(
        "UseAPI.net ended its Midjourney service on 24 June 2026, and nothing answers for it any more.",
        "An admin must connect another service that speaks the same protocol, or the built-in simulator.",
        FREE,
        admin="Give the account another address, or add an account of another service.",
        opens="account",
    ),
    "channel_blocked": Explanation(
        "The channel waits for a person to answer a message from Midjourney.",
        "An admin must do that and then reset the channel.",
        FREE,
        admin="Follow the steps on the account's page, then reset the channel.",
        opens="account",
    ),
    "channel_removed": Explanation(
        "The channel is no longer configured at the service.", "It is sent on another channel.", FREE
    ),
    "channel_not_found": Explanation(
        "The service does not know this channel.", "It is sent on another channel.", FREE, opens="account"
    ),
    "other_account": Explanation(
        "The new token opens other channels than the old one.", "Add it as an account of its own.", FREE
    ),
    "person_says_not_run": Explanation("Somebody looked and says that it never ran.", "It is sent again.", FREE),
    "requeued": Explanation("It was put back in the queue.", "It is sent again by itself.", FREE),
    # Files
    "no_files": Explanation(
        "The service names no files for this job yet.", "They are asked for again by themselves.", COST
    ),
    "media_unreachable": Explanation(
        "The pictures could not be fetched yet.", "They are fetched again by themselves.", COST
    ),
    "media_gone": Explanation(
        "The links to the pictures have expired.", "New links are asked for by themselves.", COST
    ),
    "media_too_large": Explanation("A file is larger than the studio accepts.", "Ask an admin to look at it.", COST),
    "media_host_refused": Explanation(
        "A file lies on a host that is not allowed.",
        "An admin can add the host to MEDIA_HOSTS.",
        COST,
        admin="Add the host to MEDIA_HOSTS if you trust it, and restart.",
    ),
    "media_lost": Explanation(
        "Files could not be fetched before their links died.", "Run it again if you need them.", COST
    ),
    "file_missing": Explanation(
        "A saved file is missing on the studio’s disk, or damaged.",
        "It can be fetched again while the service still has it.",
        "That costs nothing.",
    ),
    "not_a_picture": Explanation("What came is not a picture.", "It is fetched again by itself.", COST),
    "not_a_video": Explanation("What came is not a video.", "It is fetched again by itself.", COST),
    "broken_file": Explanation("A file arrived damaged.", "It is fetched again by itself.", COST),
    "too_many_pixels": Explanation("A picture is larger than the studio accepts.", "Ask an admin to look at it.", COST),
    "saving_fault": Explanation("The studio failed while saving a file.", "It is tried again by itself.", COST),
    "unreadable": Explanation(
        "The service lists this job no more, and what it says of it cannot be read.",
        "Look for it at Midjourney before you run it again.",
        MAY_COST,
    ),
    "answered_twice": Explanation(
        "The service answered with a job that is another one here.",
        "Look at the other job of this picture.",
        FREE,
        opens="parent",
    ),
    "disk_full": Explanation(
        "The studio's disk is full.",
        "An admin must make room; nothing is lost until then.",
        COST,
        admin="Make room below DATA_DIR. The files are fetched by themselves then, until their links die.",
    ),
    "storage_unreachable": Explanation(
        "The storage of the pictures does not answer.",
        "It is tried again by itself; nothing is lost until the links die.",
        COST,
        admin="Check the S3 service and the MEDIA_S3_ settings. The files are fetched by themselves then.",
    ),
    "disk_error": Explanation("The studio's disk has a fault.", "An admin must look at the log.", COST),
    "upstream_error": Explanation(
        "The service did not do what was asked.", "Look at what it says below before you run it again.", MAY_COST
    ),
}

UNKNOWN = Explanation(
    "Something went wrong that has no explanation yet.", "An admin finds the details in the job's events."
)
# Codes of what ended badly and may have cost something all the same.
MAY_HAVE_COST = frozenset({"moderated_stopped", "moderated_gone"})

# What the lines of a job's timeline mean.
EVENTS = {
    "queued": "Queued",
    "claimed": "Its turn: a slot was reserved",
    "accepted": "Accepted by the service",
    "found": "Found at the service after a lost answer",
    "step_due": "The step before it has ended: it is next in line",
    "adopted": "Made elsewhere, and found at the service",
    "imported": "Imported from a file",
    "completed": "Finished; fetching the files",
    "saved": "All files are saved",
    "save_retry": "Some files are not saved yet; trying again",
    "batch_stopped": "Its batch was stopped",
    "cancel_asked": "Asked to cancel",
    "cancel_sent": "The service was asked to stop it",
    "cancel_too_late": "Too late to stop it",
    "worker_lost": "The worker was lost while sending",
    "needs_person": "Cannot be settled by looking it up; a person must say whether it ran",
    "person_says_ran": "Somebody says that it ran",
    "moved": "Moved in the queue",
    "put_in_front": "Put before everybody’s jobs",
    "priority_changed": "Its priority was changed",
}


def explain(code: str, *, base_url: str = "") -> Explanation:
    """The explanation of a code; a general one for a code that has none yet.

    `base_url` is that of the account: a service that is known to have ended is not merely unreachable.
    """
    if code == "no_service" and "useapi.net" in base_url:
        code = "service_ended"
    return EXPLANATIONS.get(code, UNKNOWN)


def describe_event(code: str, status_label: str) -> str:
    """One line of the timeline."""
    if code in EVENTS:
        return EVENTS[code]
    return EXPLANATIONS[code].what if code in EXPLANATIONS else status_label
