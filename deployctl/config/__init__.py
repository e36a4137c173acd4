"""deployctl.yaml becomes frozen settings, or a list of complaints with their cures."""

from deployctl.config.complaint import Complaint, FileWrong
from deployctl.config.load import check_file, load, load_all, parse
from deployctl.config.schema import schema
from deployctl.config.settings import Settings
from deployctl.config.shown import shown
from deployctl.model.check import filled as resolve

__all__ = [
    "Complaint",
    "FileWrong",
    "Settings",
    "check_file",
    "load",
    "load_all",
    "parse",
    "resolve",
    "schema",
    "shown",
]
