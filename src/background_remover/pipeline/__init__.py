"""The steps of a removal, which `remover` puts in order, and their results."""
