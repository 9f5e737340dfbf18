"""What is measured: against peers and the physical limit in the same run, and against seeded bugs."""
