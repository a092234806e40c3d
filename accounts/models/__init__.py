"""People, API accounts and their channels."""

from accounts.models.account import Account, AccountState
from accounts.models.channel import Channel
from accounts.models.user import Role, Theme, User, display_name

__all__ = ["Account", "AccountState", "Channel", "Role", "Theme", "User", "display_name"]
