"""Expense reports."""
