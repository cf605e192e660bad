"""`make run`: PostgreSQL, the web server, the worker and beat of one machine, kept alive by one small supervisor."""
