"""The words the coach knows, as data: add a word here and the rules know it.

Patterns are looked for in levelled text (small letters, half-width signs); see `text.level`. Templates are filled with
the writer's own words; `__` is what only the writer can know.
"""
