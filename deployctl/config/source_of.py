"""What the file says about an image's source, as the facts that builders work with."""

from pathlib import Path

from deployctl.config.shape.build import Build
from deployctl.model.build import Dockerfile, Layer, OciLayout, Pinned, Source


def source_of(build: Build, root: Path) -> Source:
    """The source with paths made absolute against `root`; `$git_sha` stays for later."""
    if build.layer:
        layer = build.layer
        return Layer(
            context=str(root / layer.context),
            files=layer.files,
            base=layer.base,
            entrypoint=layer.entrypoint,
            command=layer.cmd,
            env=layer.env,
            workdir=layer.workdir,
            user=layer.user,
            platform=build.platform,
        )
    if build.oci_layout:
        return OciLayout(path=str(root / build.oci_layout), platform=build.platform)
    if build.digest:
        return Pinned(digest=build.digest)
    return Dockerfile(
        context=str(root / build.context),
        dockerfile=build.dockerfile,
        target=build.target,
        args=build.args,
        platform=build.platform,
    )
