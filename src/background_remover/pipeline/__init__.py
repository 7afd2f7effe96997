"""The steps of a removal, which `remover` puts in order, and what they give."""
