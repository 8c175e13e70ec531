"""How good lists and predictions are: the result of an evaluation, kept for the app, and drawn."""
