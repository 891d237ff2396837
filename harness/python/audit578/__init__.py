"""audit578: the conformance suite for Python's audit events (PEP 578).

The package brings the program `audit578`, which `python -m audit578` starts too, and the module `audit578.data`, which
says in which releases of which Python an event keeps its promises.
"""
