"""What a visitor said and asked, from one run to the next."""
