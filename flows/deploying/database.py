"""Where Prefect's server keeps its state."""

from urllib.parse import urlsplit

from api_registry.errors import UsageError
from flows.deploying.place import Place

_DRIVER = "postgresql+asyncpg"
_POSTGRES = ("postgresql", "postgres", _DRIVER)


def connection_url(database: str | None, place: Place) -> str:
    """What the server is told, with the driver it needs; SQLite in the folder without a URL.

    Raises `UsageError`, which never repeats what may be a password.
    """
    if database is None:
        return f"sqlite+aiosqlite:///{place.home / 'prefect.db'}"
    scheme, colon, rest = database.partition("://")
    try:
        host = urlsplit(f"postgresql://{rest}").netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    if not colon or scheme not in _POSTGRES or not (host or "host=" in rest):
        raise UsageError(
            "--database: expected PostgreSQL's address, as in postgresql://USER:PASSWORD@HOST/NAME"
        )
    return f"{_DRIVER}://{rest}"
