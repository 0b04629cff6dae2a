"""Tests of what decides published findings: `ci/audit test`."""
