"""Tools for a clinic's front desk agent."""
from datetime import date, datetime
from typing import Literal, Optional, TypedDict
from pydantic import BaseModel, Field
from typing import Annotated

class Patient(BaseModel):
    """A patient record."""
    full_name: str = Field(description="Full name of the patient")
    date_of_birth: date
    insurance_number: str | None = None

class Slot(TypedDict):
    start: datetime
    doctor: str

def register_patient(patient: Patient, consent: bool) -> str:
    """Register a new patient in the system."""
    return patient.full_name

def find_slots(specialty: Literal["dermatology", "cardiology", "pediatrics"], earliest: date, latest: date, doctor: Optional[str] = None) -> list[Slot]:
    """Find free appointment slots for a medical specialty.

    Args:
        specialty: Medical specialty.
        earliest: First acceptable day.
        latest: Last acceptable day.
        doctor: Restrict the search to one doctor.
    """
    return []

def book_appointment(patient_id: int, slot_id: str, reason: str = "check-up", remind_by: Literal["sms", "email", "none"] = "sms") -> dict:
    """Book an appointment for a patient."""
    return {"p": patient_id}

def cancel_appointment(appointment_id: str, notify_patient: bool = True) -> bool:
    """Cancel an existing appointment."""
    return True

def dose_for_weight(drug: str, weight_kg: Annotated[float, Field(gt=0, le=300)], age_years: int) -> float:
    """Calculate the recommended dose of a drug based on body weight.

    Args:
        drug: Name of the drug.
        weight_kg: Body weight in kg.
        age_years: Age of the patient in years.
    """
    return weight_kg * 10

def check_interaction(drug_a: str, drug_b: str) -> bool:
    """Check whether two drugs interact."""
    return False

def creatinine_clearance(age: int, weight: float, creatinine: float, sex: Literal["male", "female"]) -> float:
    """Estimate creatinine clearance with the Cockcroft-Gault formula."""
    return (140 - age) * weight / (72 * creatinine) * (0.85 if sex == "female" else 1)

def send_lab_results(patient_email: str, test_names: list[str], urgent: bool = False) -> int:
    """Email lab results to a patient."""
    return len(test_names)

def convert_temp(value: float, from_unit: Literal["C", "F", "K"] = "C", to_unit: Literal["C", "F", "K"] = "F") -> float:
    """Convert a temperature between Celsius, Fahrenheit and Kelvin."""
    return value

def blood_pressure_category(systolic: int, diastolic: int) -> str:
    """Classify a blood pressure reading."""
    return "normal"

def waiting_time(queue_length: int, avg_minutes: float = 12.5) -> float:
    """Estimated waiting time in minutes given the number of people in the queue."""
    return queue_length * avg_minutes

def prescription_refill(prescription_number: str, pharmacy: str, days_supply: int = 30) -> str:
    """Request a refill of a prescription."""
    return prescription_number
