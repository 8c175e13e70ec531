"""From a profile to a ranked list: weights, neighbours, votes, and what explains them."""
