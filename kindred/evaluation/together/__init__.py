"""Comparing lists for people who watch together.

- ``groups``: who is drawn, and what their own lists are;
- ``joins``: ways to make one list of several;
- ``methods``: Kindred's, and the others, as methods of an evaluation;
- ``ranking``: asking all of them, and measuring what they answer.
"""
