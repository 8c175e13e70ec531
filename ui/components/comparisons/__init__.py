"""A person beside others: kindred raters, everybody, and themselves a step before."""
