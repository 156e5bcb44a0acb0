"""Publishing to any place that fsspec knows: each file whole, the manifest last.

Whoever reads the manifest there finds every file that it names. A second try sends only what is
missing or other; a finished one sends nothing.
"""

from data.publishing.bundle import MANIFEST, Bundle
from data.publishing.config import Published
from data.store import Store


def publish_to_store(bundle: Bundle, url: str, option: str = "--to") -> Published:
    """Publish a data set to a folder or store. Raises `UsageError`, `StorageError`.

    `option` is what error messages call the URL by.
    """
    store = Store(url, option)
    store.prepare()
    wanted = [
        file
        for file in bundle.files
        if not store.holds(file.name, file.path.stat().st_size, file.sha256)
    ]
    # While files change, no old manifest may vouch for them.
    if any(file.name != MANIFEST for file in wanted):
        store.remove(MANIFEST)
        wanted = [*(f for f in wanted if f.name != MANIFEST), bundle.files[-1]]
    for file in wanted:
        store.put_hidden(file.path, file.name)
    return Published(place=url, files=len(bundle.files), sent=len(wanted))
