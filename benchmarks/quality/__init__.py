"""How good answers are beside other methods, and whether engines agree."""
