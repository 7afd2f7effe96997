"""Alpha by the colour of a plain ground."""
