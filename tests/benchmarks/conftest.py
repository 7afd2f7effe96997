def cells(text: str) -> list[list[str]]:
    """The cells of each row of the tables in a text, the header's first, without what makes the columns even."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if any(cell.strip("-:") for cell in row)]
