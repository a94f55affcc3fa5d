"""The report of a classification: one page of HTML that needs nothing else."""
