"""The pages of sharing: for owners, for members, and for visitors with a link."""
