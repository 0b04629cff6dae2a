"""Audits of clients and browsers: the command, what is stored of a run, its readings, and the pages made of both."""
