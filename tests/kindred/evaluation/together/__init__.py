"""Ways to make one list for people who watch together, and how they are compared."""
