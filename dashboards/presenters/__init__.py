"""Rows and figures of the dashboards, from what was read."""
