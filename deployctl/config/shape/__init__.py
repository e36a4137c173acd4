"""The shape of deployctl.yaml as pydantic models: what each key holds, and what it defaults to."""
