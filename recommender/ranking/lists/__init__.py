"""Lists made of scores: popular, rows, starters, diversified, for people together."""
