"""`deployctl build`: images in the registry, and nothing else."""

from deployctl.cli.guard import guarded
from deployctl.cli.options import CONFIG, AsJson, Commit, ConfigFile, Env, Output, Screens


def build(
    config: ConfigFile = CONFIG,
    env: Env = "",
    commit: Commit = "",
    output: Output = Screens.AUTO,
    as_json: AsJson = False,
) -> None:
    """Build and push what is not in the registry yet; print every image by digest."""
    with guarded(as_json=as_json) as opened:
        from deployctl.cli.layout import build_specs
        from deployctl.cli.shipping import check, commit_of
        from deployctl.cli.world import open_world, page
        from deployctl.engine.build import build_images

        world = opened.enter_context(open_world(config, env, output=output))
        found = commit_of(world, commit)
        check(world)
        images = build_images(build_specs(world), found, world.desk)
        world.tell.close()
        refs = {name: image.ref for name, image in images.items()}
        sheet = page()
        if as_json:
            sheet.json({"commit": found.tag, "images": {**refs}})
        else:
            sheet.put(*(f"{name}: {ref}" for name, ref in refs.items()))
