"""Taking pictures home: one as a file, many as a ZIP that is made while it is sent, with what is told about them.

`orders` says which and how, `naming` what files are called, `sidecars` and `xmp` what is told, `embedding` puts that
into a file, `converting` changes its format, `packing` is the ZIP, and `archive` makes one of an order. `returning`
brings pictures back.
"""
