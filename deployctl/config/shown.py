"""The effective settings of one environment, written as a deployctl.yaml again."""

from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from deployctl.config.node import Path, Plain
from deployctl.config.placeholder import escaped, is_late
from deployctl.config.scalar import is_ambiguous, meant
from deployctl.config.settings import Settings

_ENDLESS = 1_000_000


def shown(settings: Settings) -> str:
    """YAML that loads to the same settings: every default written out, placeholders resolved."""
    everything = settings.written.model_dump(mode="json", by_alias=True)
    place = everything.pop("environment")
    for name, build in settings.builds.items():
        for key in build.idle:
            del everything["builds"][name][key]
    everything["environments"] = {settings.environment: place}
    out = StringIO()
    yaml = YAML(pure=True)
    yaml.width = _ENDLESS
    yaml.dump(_written(everything, ()), out)
    return out.getvalue()


def _written(value: Plain, path: Path) -> Plain:
    if isinstance(value, dict):
        kept = {key: _written(each, (*path, key)) for key, each in value.items()}
        return {key: each for key, each in kept.items() if not _says_nothing(each, path)}
    if isinstance(value, list):
        return [_written(each, (*path, index)) for index, each in enumerate(value)]
    if isinstance(value, str):
        return _quoted(value if is_late(path) else escaped(value))
    return value


def _quoted(text: str) -> str:
    """Text that a reader could take for a number or a truth gets quotes."""
    doubtful = not isinstance(meant(text), str) or is_ambiguous(text)
    doubtful = doubtful or text.lower() in {"yes", "no", "on", "off", "y", "n"}
    return DoubleQuotedScalarString(text) if doubtful else text


def _says_nothing(value: Plain, path: Path) -> bool:
    free = {"args", "env", "headers", "header", "json"} & set(map(str, path))
    return not free and (value is None or value in ("", [], {}))
