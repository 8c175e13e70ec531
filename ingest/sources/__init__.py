"""Find the files of a source, detect what each holds, and read them."""
