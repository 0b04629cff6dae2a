"""Autobahn|Testsuite: running it, comparing its verdicts with ours, and the page that explains each difference."""
