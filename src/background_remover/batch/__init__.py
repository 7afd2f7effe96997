"""Many pictures: what is found, what each result is called, the run, its journal and its report."""
