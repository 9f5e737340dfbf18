"""The table-mapping file and the database's schema: which rows an operation writes."""
