"""Parts that pages are made of: cards, tables, charts, controls."""
