"""Says in plain words what the YAML parser means when it gives up."""

from ruamel.yaml.error import MarkedYAMLError

_FALLBACK = "Check quotes, colons and indentation around this place."
_CURES = (
    (
        "mapping values are not allowed",
        "a second `: ` or a wrong indentation",
        "Quote the value if it holds `: `; otherwise align the key with its neighbours.",
    ),
    ("unexpected end of stream", "a quote is opened and never closed", "Close the quote."),
    ("could not find expected ':'", "a key without a colon", "Write `key: value`."),
    (
        "expected <block end>",
        "the indentation does not fit the lines above",
        "Align the line with its neighbours, or quote the whole value.",
    ),
    (
        "did not find expected key",
        "the indentation does not fit the lines above",
        "Align the line with its neighbours.",
    ),
    (
        "expected ',' or",
        "a { or [ is not closed, or text with { } , is not quoted",
        "Close the bracket, or quote the text.",
    ),
    ("expected the node content", "a bracket is opened and never closed", "Close the bracket."),
    ("undefined alias", "an unquoted text begins with *", "Quote the text."),
    (
        "incompatible YAML document",
        "the file is always read as YAML 1.2",
        "Delete the line that begins with %.",
    ),
)


def explain(error: MarkedYAMLError, text: str) -> tuple[int, int, str, str, str]:
    """Line, column (from 1), what, why and cure for a syntax error."""
    problem = str(error.problem or error.context or "unreadable")
    mark = error.problem_mark or error.context_mark
    if "unexpected end of stream" in problem and error.context_mark:
        mark = error.context_mark  # where the quote opens, not where the file ends
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "cannot start any token" in problem:
        return line, column, *_bad_start(problem, text, line)
    for words, why, cure in _CURES:
        if words in problem:
            return line, column, f"this is not YAML ({problem})", why, cure
    why = str(error.context or "the parser stopped here")
    return line, column, f"this is not YAML ({problem})", why, _FALLBACK


def _bad_start(problem: str, text: str, line: int) -> tuple[str, str, str]:
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    if "'\\t'" in problem:
        indented = not here[: here.find("\t")].strip()
        what = "a tab is used for indentation" if indented else "a tab stands where a value begins"
        return what, "YAML allows only spaces there", "Replace the tab with spaces."
    character = problem.removeprefix("found character ").partition(" ")[0]
    return (
        f"a value begins with {character}",
        "YAML reserves that character",
        "Put the value in quotes.",
    )
