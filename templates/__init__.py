"""Jinja templates only: one per concern, whose macros are the tests it can emit, and the conftest.

A macro of a concern's template is given `view` and `request` and gives the body of one test; `stands_for`
names the tests whose assertions it makes as well (`generator/planned.py`). What comes from a spec, a
mapping or a schema enters by the filter `py` or as source text that the view made of it; the
parameters, imports and layout of the module follow from the body.
"""
