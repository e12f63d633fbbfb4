"""Where the control socket of a node is, found without reading the whole configuration, which may be the very thing that is wrong."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from helpdesk.config.overlay import overlay_of
from helpdesk.config.settings import NodeSettings


def control_place(path: Path, environment: Mapping[str, str]) -> Path:
    """The place of the control socket of the node with this configuration file; the default one where the file does not say it."""
    place: object = NodeSettings.model_fields["control"].default
    try:
        overlay = overlay_of(tomllib.loads(path.read_text("utf-8").removeprefix("\ufeff")), environment)
        node = overlay.tree.get("node")
        place = node.get("control", place) if isinstance(node, dict) else place
    except (OSError, ValueError):
        pass
    return Path(os.path.abspath(path)).parent / Path(str(place)).expanduser()
