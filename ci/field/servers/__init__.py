"""Audits of servers and proxies: the command, what is stored of a run, its readings, and the pages made of both."""
