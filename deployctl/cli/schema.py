"""`deployctl schema`: the JSON Schema of deployctl.yaml, for editors."""

from deployctl.cli.guard import guarded


def schema() -> None:
    """Print the JSON Schema of deployctl.yaml; editors complete and check the file with it."""
    with guarded():
        from deployctl.cli.world import page
        from deployctl.config import schema as json_schema

        page().json(json_schema())
