"""Where the large contents of a desk stand, by its configuration."""

from pathlib import Path

from helpdesk.config.settings import DatabaseSettings
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blobs import BlobStore


def blobs_of(settings: DatabaseSettings) -> BlobStore:
    """The blob store of a desk, which must be there: in a new one the contents would be hidden when the right one is back."""
    return BlobFolder(Path(settings.blobs), must_be_there=True)
