"""`pixeledge …`: where its commands are."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "check": "check.check",
    "edge": "edge.edge",
    "env": "env.env",
    "explain": "explain.explain",
    "export": "transfer.export_folder",
    "fsck": "fsck.fsck",
    "gallery": "gallery.gallery",
    "import": "transfer.import_folder",
    "link": "link.link",
    "node": "node.node",
    "prefetch": "edges.prefetch",
    "purge": "edges.purge",
    "run": "run.run",
    "top": "top.top",
    "traffic": "traffic.traffic",
    "trust": "trust.trust",
    "up": "up.up",
}
"""Where below `sim.commands` each of them is."""


class Commands(click.Group):
    """Loads the command that is asked for and no other: an edge that runs for months keeps what it has loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"sim.commands.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pixeledge")
def main() -> None:
    """A media cloud that fits on a laptop: a Cloudinary-compatible image origin behind a multi-region CDN.

    Without FILE, commands take ./topology.yaml if there is one, else the topology that comes with pixeledge.
    """
