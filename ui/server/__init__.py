"""The server of the app: its start, the open index, the routes beside the pages, and health."""
