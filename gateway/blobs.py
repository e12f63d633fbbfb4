"""Where the large contents of a desk stand, by its configuration."""

from pathlib import Path

from helpdesk.config.settings import DatabaseSettings
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blobs import BlobStore


def blobs_of(settings: DatabaseSettings) -> BlobStore:
    """The blob store of a desk, which must be there: in a new one the contents would be hidden when the right one is back.

    Raises NoBucketClient or OSError.
    """
    if settings.blob_folder is not None:
        return BlobFolder(settings.blob_folder, must_be_there=True)
    try:
        from helpdesk.store.blob_bucket import BlobBucket, BucketLogin
    except ImportError as fault:
        raise NoBucketClient(
            f"database.blobs names a bucket, and {fault.name} is not installed; run: pip install 'helpdesk-gateway[s3]'"
        ) from None
    bucket = settings.bucket
    if bucket is None:
        return BlobBucket(settings.blobs, must_be_there=True)
    secret = Path(bucket.secret_file).read_text(encoding="utf-8").strip() if bucket.secret_file else ""
    login = BucketLogin(bucket.endpoint, bucket.region, bucket.key_id, secret, bucket.ca_file)
    return BlobBucket(settings.blobs, login, must_be_there=True)


class NoBucketClient(Exception):
    """The configuration names a bucket, and the package that talks to one is not installed."""
