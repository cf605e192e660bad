"""The example company: an invented coffee roaster in Sapporo that goes online.

`story` says how its parts are written down, `people`, `plan`, `goals` and `check_ins` tell them, `load` makes rows of
them. Nothing here depends on the season: the company can be loaded on any day of any year.
"""
