"""What the server of the app has besides pages: the open index, addresses, health, logs."""
