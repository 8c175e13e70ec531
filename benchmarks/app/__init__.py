"""The app in a browser: how long it takes, and its pictures."""
