"""A recorded release can be exported as a picture."""

from xml.etree import ElementTree as ET

from deployctl.render.svg import export_svg
from tests.unit.render import story


def test_a_release_as_a_picture() -> None:
    picture = export_svg(story.bad(), title="a release", width=90)
    root = ET.fromstring(picture)  # noqa: S314 - we made it ourselves
    text = " ".join("".join(root.itertext()).replace("\xa0", " ").split())
    assert "a release" in text
    assert "rolled back: the version from before serves again" in text
    assert "only the new version runs" in text


def test_it_loads_nothing_from_elsewhere() -> None:
    picture = export_svg(story.good())
    assert "url(http" not in picture
    assert "@font-face" not in picture
