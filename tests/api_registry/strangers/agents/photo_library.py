import pathlib
from typing import Optional, Sequence, Tuple, Union, Literal

def resize(path: pathlib.Path, width: int, height: Optional[int] = None, keep_aspect: bool = True) -> str:
    """Resize an image to the given width and height.

    Args:
        path: Image file.
        width: New width in pixels.
        height: New height in pixels; computed from the width if missing.
        keep_aspect: Keep the aspect ratio.
    """
    return "x"

def crop(path: pathlib.Path, box: Tuple[int, int, int, int]) -> str:
    """Crop an image.

    Parameters
    ----------
    path
        Image to be cropped.
    box
        Left, upper, right and lower pixel coordinate.
    """
    return "x"

def rotate(image: str, degrees: float, expand: bool = False, fill: str = "black") -> str:
    """Rotates an image counter-clockwise.

    :param image: File name of the image.
    :param degrees: Angle in degrees.
    :param expand: Enlarge the canvas to hold the whole rotated image.
    :param fill: Color of the uncovered area.
    """
    return "x"

def add_watermark(image: str, text: str, position: Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"] = "bottom-right", opacity: float = 0.5) -> str:
    """Stamp a text watermark onto an image.

    Args:
        image: The picture.
        text: Text of the watermark.
        position: Where to put it.
        opacity: 0 (invisible) to 1 (opaque).
    """
    return "x"

def convert_format(file: str, to: Literal["jpeg", "png", "webp", "tiff"], quality: int = 90, strip_metadata: bool = False) -> str:
    """Convert a picture to another file format."""
    return "x"

def make_collage(images: Sequence[str], columns: int = 2, gap: int = 10, background: str = "#ffffff") -> str:
    """Make a collage from several images."""
    return "x"

def find_duplicates(folder: str, threshold: float = 0.95, recursive: bool = True) -> list:
    """Find near-duplicate photos in a folder.

    Args:
        folder: Folder to search.
        threshold: Similarity from which two photos count as duplicates.
        recursive: Also search subfolders.
    """
    return []

def tag_photos(album: str, tags: list[str], overwrite: bool = False):
    """Tag all photos of an album."""
    return {"n": 1}

def search_photos(text: Optional[str] = None, person: Optional[str] = None, taken_in: Optional[str] = None, year: Optional[int] = None, favourites_only: bool = False) -> list:
    """Search the photo library."""
    return []

def adjust(image: str, brightness: float = 1.0, contrast: float = 1.0, saturation: float = 1.0) -> str:
    """Adjust brightness, contrast and saturation of an image."""
    return "x"

def aspect_ratio(width: int, height: int) -> str:
    """Aspect ratio of an image, reduced to lowest terms."""
    return "x"

def rename_batch(folder: str, pattern: str, start: int = 1) -> list:
    """Rename all photos in a folder by a pattern such as 'holiday-{n}'."""
    return []

def share_album(album: str, people: list[str], message: Optional[str] = None, can_edit: bool = False, expires_in_days: Optional[int] = None):
    """Share an album with other people, with an optional message."""
    return {"n": 1}

def print_order(photos: list[str], size: Literal["10x15", "13x18", "20x30"], copies: int = 1, paper: str = "glossy", gift_wrap: bool = False) -> dict:
    """Order prints of photos."""
    return {"n": 1}
