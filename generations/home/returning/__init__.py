"""Bringing pictures back: what is told about a file (`reading`), the predecessor's list (`history`), and `storing`."""
