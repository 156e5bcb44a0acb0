import enum
from datetime import time, timedelta
from typing import Annotated, Optional
from pydantic import BaseModel, Field

class Mode(enum.Enum):
    heat = "heat"
    cool = "cool"
    auto = "auto"
    off = "off"

class Scene(BaseModel):
    """A lighting scene."""
    name: str = Field(description="Name of the scene")
    brightness: int = Field(ge=0, le=100, description="Brightness in percent")
    color_temp: Optional[int] = Field(None, ge=2000, le=6500, description="Colour temperature in kelvin")

def turn_on_light(room: str, brightness: Annotated[int, Field(ge=1, le=100, description="Brightness in percent")] = 100, color: Optional[str] = None):
    """Turn on the lights in a room."""
    return {"ok": True}

def turn_off_lights(room: Optional[str] = None, except_rooms: Optional[list[str]] = None):
    """Turns off all lights, or those of one room."""
    return {"ok": True}

def set_thermostat(temperature: Annotated[float, Field(ge=5, le=30)], mode: Mode = Mode.auto, zone: str = "living room"):
    """Set the thermostat to a target temperature in degrees Celsius."""
    return {"ok": True}

def lock_door(door: str, code: Optional[str] = None):
    """Lock a door.

    Args:
        door (str): which door, e.g. "front" or "garage"
        code (str): PIN code if the lock requires one
    """
    return {"ok": True}

def start_vacuum(rooms: list[str], suction: str = "normal", mop: bool = False):
    """Start the robot vacuum in the given rooms.

    Args:
        rooms: Rooms to clean.
        suction: Suction power: quiet, normal or turbo.
        mop: Whether to mop after vacuuming.
    """
    return {"ok": True}

def schedule_blinds(window: str, open_at: time, close_at: time, weekdays_only: bool = False):
    """Schedule when the blinds of a window open and close."""
    return {"ok": True}

def play_media(speaker: str, track: Optional[str] = None, artist: Optional[str] = None, playlist: Optional[str] = None, volume: Optional[int] = None):
    """Play a track, an artist or a playlist on a speaker."""
    return {"ok": True}

def set_timer(duration: timedelta, label: Optional[str] = None):
    """Set a timer."""
    return {"ok": True}

def remind_me(about: str, delay_minutes: int):
    """Reminds the user about something after a delay."""
    return {"ok": True}

def create_scene(scene: Scene, rooms: list[str]):
    """Create a lighting scene for some rooms."""
    return {"ok": True}

def energy_usage(device: str, days: int = 7, unit: str = "kWh"):
    """Energy used by a device over the last days."""
    return {"v": 1.0}

def arm_alarm(mode: str = "away", delay_seconds: int = 30, notify: bool = True, siren: bool = True):
    """Arm the alarm system.

    :param mode: one of 'home', 'away', 'night'
    :param delay_seconds: seconds before the alarm is armed
    :param notify: send a push notification when armed
    :param siren: sound the siren on intrusion
    """
    return {"ok": True}

def camera_snapshot(camera_id: str, resolution: str = "1080p", consent: bool = False):
    """Take a snapshot with a security camera."""
    return {"ok": True}
