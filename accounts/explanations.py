"""What the state of an account or channel means, in words: what happened, what to do, and where that is done."""

from dataclasses import dataclass

from accounts.models import AccountState


@dataclass(frozen=True, slots=True)
class Explanation:
    what: str
    do: str = ""
    url_name: str = ""  # the page or action of the account where it is done
    label: str = ""  # the words of its button
    tone: str = "plain"
    is_page: bool = False  # a page to open, rather than an action to send


STATES: dict[str, Explanation] = {
    AccountState.READY: Explanation("Jobs are sent as slots become free."),
    AccountState.PAUSED: Explanation(
        "This account is paused. Nothing is sent; jobs that already run are followed to their end.",
        "Resume it when work may go on. Waiting jobs keep their place.",
        "accounts:account-resume",
        "Resume",
        "warn",
    ),
    AccountState.BAD_TOKEN: Explanation(
        "The service does not accept this account's token. Nothing is sent.",
        "Paste the current token. Waiting jobs keep their place and go on by themselves.",
        "accounts:account-token",
        "Paste a new token",
        "danger",
        is_page=True,
    ),
    AccountState.NO_SUBSCRIPTION: Explanation(
        "The service says that this account has no subscription, or that it has ended. Nothing is sent.",
        "Renew it at the service, then test the account here.",
        "accounts:account-test",
        "Test again",
        "danger",
    ),
    AccountState.UNREACHABLE: Explanation(
        "The service does not answer at this address. It is tried again by itself, less and less often.",
        "If it stays so, check the address and whether the service still exists.",
        "accounts:account-test",
        "Test now",
        "warn",
    ),
}

# The same for members, who can only wait or ask.
FOR_MEMBERS: dict[str, str] = {
    AccountState.READY: "",
    AccountState.PAUSED: "It is paused. Jobs that wait keep their place.",
    AccountState.BAD_TOKEN: "An admin has to look after it. Jobs that wait keep their place.",
    AccountState.NO_SUBSCRIPTION: "An admin has to look after it. Jobs that wait keep their place.",
    AccountState.UNREACHABLE: "The service does not answer. It is tried again; waiting jobs keep their place.",
}

BLOCKED = Explanation(
    "Midjourney wants a person to answer a message, so this channel takes no jobs.",
    "Follow the steps, then reset the channel.",
    "accounts:channel-reset",
    "What to do",
    "danger",
    is_page=True,
)
REMOVED = Explanation("The service no longer lists this channel, so nothing is sent to it.")
NO_CHANNELS = Explanation(
    "The service knows this token but lists no channel, so no job can run.",
    "Add a Discord account at the service, then refresh the channels here.",
    "accounts:account-sync",
    "Refresh channels",
    "warn",
)

# Why a token could not be verified, where the service's own words need a sentence of ours beside them.
VERIFYING: dict[str, str] = {
    "bad_token": "The service does not accept this token. Copy it again from your account there.",
    "no_subscription": "The service knows this token but has no active subscription for it.",
    "no_service": "What answers at this address is not a UseAPI v3 service. It may have been switched off.",
    "unreachable": "Nothing answers at this address. Check it, and whether the service still exists.",
    "server_error": "The service answered with an error of its own. Try again later.",
    "busy": "The service asks for patience. Try again in a minute.",
}
