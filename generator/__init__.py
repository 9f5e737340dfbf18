"""Cells -> planned tests -> rendered modules -> written files, with a person's edits kept."""
