"""What keeps company with what: films compared by who rated them together, and by genre."""
