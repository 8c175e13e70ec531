"""Speed and quality against peers, measured in the same run. Not installed."""
