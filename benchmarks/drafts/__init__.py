"""Drafts as small companies write them, each with what an experienced coach would say: see README.md."""
