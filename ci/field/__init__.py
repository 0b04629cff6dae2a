"""The field: released implementations, audited, gated, and compared with Autobahn|Testsuite.

`ci/audit` is the command line. Start reading at `__main__`; `layout` says where everything is.
"""
