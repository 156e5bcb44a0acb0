"""CRM helpers."""
from __future__ import annotations
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Literal, Optional

class Stage(str, Enum):
    LEAD = "lead"
    QUALIFIED = "qualified"
    PROPOSAL = "proposal"
    WON = "won"
    LOST = "lost"

def create_contact(first_name: str, last_name: str, email: str, company: Optional[str] = None, phone: Optional[str] = None, opted_in: bool = False) -> dict:
    """Create a new contact in the CRM.

    Args:
        first_name: Contact's first name.
        last_name: Contact's last name.
        email: Primary email address.
        company: Company the contact works for.
        phone: Phone number in E.164 format.
        opted_in: Whether the contact has opted in to marketing emails.
    """
    return {"id": 1}

def update_deal_stage(deal_id: str, stage: Stage, reason: Optional[str] = None) -> dict:
    """Moves a deal to another stage of the pipeline.

    Args:
        deal_id: ID of the deal.
        stage: New stage.
        reason: Why the deal moved, for the audit log.
    """
    return {"id": deal_id, "stage": stage.value}

def log_call(contact_id: int, duration_minutes: int, outcome: Literal["answered", "voicemail", "no_answer"], notes: str = "") -> dict:
    """Log a phone call with a contact.

    :param contact_id: Id of the contact.
    :param duration_minutes: Length of the call in minutes.
    :param outcome: How the call ended.
    :param notes: Free-form notes about the call.
    """
    return {"ok": 1}

def schedule_followup(contact_id: int, when: datetime, channel: Literal["email", "phone", "meeting"] = "phone", assignee: Optional[str] = None) -> dict:
    """Schedule a follow-up with a contact.

    Parameters
    ----------
    contact_id : int
        The contact to follow up with.
    when : datetime
        Date and time of the follow-up.
    channel : {'email', 'phone', 'meeting'}
        How to reach out.
    assignee : str, optional
        Username of the sales rep responsible.
    """
    return {"ok": 1}

def search_contacts(query: Optional[str] = None, company: Optional[str] = None, city: Optional[str] = None, owner: Optional[str] = None, limit: int = 25) -> list:
    """Search contacts by name, company, city or owner."""
    return []

def deal_forecast(quarter: Literal["Q1", "Q2", "Q3", "Q4"], year: int, include_lost: bool = False) -> dict:
    """Forecast revenue from open deals for a quarter."""
    return {"revenue": 1}

def merge_contacts(primary_id: int, duplicate_id: int) -> dict:
    """Merge a duplicate contact into the primary one."""
    return {"ok": 1}

def set_discount(deal_id: str, percent: float, approved_by: str) -> dict:
    """Apply a discount to a deal.

    Args:
        deal_id: The deal.
        percent: Discount in percent (0-100).
        approved_by: Manager who approved the discount.
    """
    return {"ok": 1}

def assign_owner(contact_ids: list[int], owner: str, notify: bool = True) -> dict:
    """Assigns contacts to a sales rep.

    Args:
        contact_ids: Contacts to be reassigned.
        owner: Name of the new owner.
        notify: Send an email to the new owner.
    """
    return {"ok": 1}

def list_overdue_tasks(assignee: Optional[str] = None, before: Optional[date] = None, priority: Optional[Literal["low", "normal", "high"]] = None) -> list:
    """List tasks that are overdue."""
    return []

def add_note(contact_id: int, body: str, pinned: bool = False) -> dict:
    """Add a note to a contact's timeline."""
    return {"ok": 1}

def export_segment(segment: str, format: Literal["csv", "xlsx"] = "csv", fields: Optional[list[str]] = None) -> str:
    """Export all contacts of a segment to a file."""
    return "f"
