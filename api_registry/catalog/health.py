"""Health and fitness calculations from standard formulas."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

Sex = Literal["male", "female"]
Activity = Literal["low", "light", "moderate", "high", "very high"]
Exercise = Literal["walking", "running", "cycling", "swimming", "yoga", "rowing", "hiking"]

_ACTIVITY_FACTOR: dict[str, float] = {
    "low": 1.2,
    "light": 1.375,
    "moderate": 1.55,
    "high": 1.725,
    "very high": 1.9,
}
_MET: dict[str, float] = {
    "walking": 3.5,
    "running": 9.8,
    "cycling": 7.5,
    "swimming": 6.0,
    "yoga": 2.5,
    "rowing": 7.0,
    "hiking": 5.3,
}


@api(
    category="health",
    examples=[
        {"weight_kg": 70.0, "height_cm": 175.0},
        {"weight_kg": 92.5, "height_cm": 181.0},
        {"weight_kg": 54.0, "height_cm": 160.0},
    ],
    phrasings=[
        "[work out|calculate] the [BMI|body mass index] of someone< weighing "
        "{weight_kg} kg>< with a height of {height_cm} cm>",
        "find the [BMI|body mass index] for [a person|someone]< {height_cm} cm tall>< at"
        " {weight_kg} kg>",
        "check [the BMI|the body mass index] of [an adult|a patient]< weighing {weight_kg} kilos>"
        "< with a height of {height_cm} centimetres>",
        "what [is|would be] my [BMI|body mass index]< at {weight_kg} kg>< with a height of"
        " {height_cm} cm>?",
        "is my BMI [healthy|in the normal range|too high]< at {weight_kg} kilos>"
        "< for a height of {height_cm} cm>?",
        "i [want to know|would like to know|have to report] my BMI< at a weight of {weight_kg} kg>"
        "< with a height of {height_cm} cm>.",
    ],
)
def body_mass_index(
    weight_kg: Annotated[float, Field(ge=30, le=200)],
    height_cm: Annotated[float, Field(ge=130, le=215)],
) -> dict[str, float | str]:
    """Calculate the body mass index of an adult.

    Args:
        weight_kg: Body weight in kilograms.
        height_cm: Body height in centimetres.

    Returns:
        The index and its weight class.
    """
    bmi = weight_kg / (height_cm / 100) ** 2
    if bmi < 18.5:
        label = "underweight"
    elif bmi < 25:
        label = "normal weight"
    elif bmi < 30:
        label = "overweight"
    else:
        label = "obese"
    return {"bmi": round(bmi, 1), "class": label}


@api(
    category="health",
    examples=[
        {"sex": "female", "age": 34, "weight_kg": 62.0, "height_cm": 168.0},
        {"sex": "male", "age": 45, "weight_kg": 85.0, "height_cm": 182.0, "activity": "moderate"},
        {"sex": "male", "age": 22, "weight_kg": 71.5, "height_cm": 176.0, "activity": "high"},
    ],
    phrasings=[
        "[estimate|work out] the daily [calorie|energy] needs of a {sex} adult< aged {age}><"
        " weighing {weight_kg} kg>"
        "< at a height of {height_cm} cm>< with {activity} activity>",
        "[work out|calculate|find out] how many calories someone< aged {age}>< who is {sex}>"
        " needs per day"
        "< at {weight_kg} kg>< with a height of {height_cm} cm>",
        "tell me the calories to eat each day [to maintain|to hold] my weight< of {weight_kg} kg>"
        "< at {height_cm} cm tall>< as a {sex}>< aged {age}>< with {activity} activity>",
        "how many calories [do i need|should i eat|can i have] a day< at age {age}>< as a {sex}>"
        "< weighing {weight_kg} kilos>< at {height_cm} cm tall>?",
        "what is the [daily energy need|daily calorie requirement] for a {sex} adult< of {age}>"
        "< weighing {weight_kg} kg>< with a height of {height_cm} cm>"
        "< at a {activity} activity level>?",
        "i'm [planning my meals|starting a diet|tracking what i eat] and need my daily calories<"
        " as a {sex}>< at age {age}>"
        "< weighing {weight_kg} kg>< with a height of {height_cm} cm>.",
    ],
)
def daily_calorie_needs(
    sex: Sex,
    age: Annotated[int, Field(ge=18, le=90)],
    weight_kg: Annotated[float, Field(ge=40, le=160)],
    height_cm: Annotated[float, Field(ge=140, le=210)],
    activity: Activity = "low",
) -> dict[str, int]:
    """Estimate the calories a person needs per day to keep their weight.

    Args:
        sex: Biological sex.
        age: Age in years.
        weight_kg: Body weight in kilograms.
        height_cm: Body height in centimetres.
        activity: Activity level in everyday life.

    Returns:
        Calories at rest (Mifflin-St Jeor) and in total.
    """
    rest = 10 * weight_kg + 6.25 * height_cm - 5 * age + (5 if sex == "male" else -161)
    return {"at_rest": round(rest), "total": round(rest * _ACTIVITY_FACTOR[activity])}


@api(
    category="health",
    examples=[
        {"exercise": "running", "minutes": 30, "weight_kg": 70.0},
        {"exercise": "yoga", "minutes": 60, "weight_kg": 58.5},
        {"exercise": "cycling", "minutes": 90, "weight_kg": 82.0},
    ],
    phrasings=[
        "[estimate|work out|check] the calories burned in {minutes:minutes}"
        "< of {exercise}>< at a weight of {weight_kg} kg>",
        "[find out|calculate|figure out] how many calories i burn< with {exercise}>< for"
        " {minutes:minutes}>"
        "< at a weight of {weight_kg} kg>",
        "calculate the [energy|calories] [used by|burned in] a {exercise} session< of"
        " {minutes:minutes}>"
        "< at {weight_kg} kilos>",
        "how many calories [does|will|would] {minutes:minutes} of {exercise} burn"
        "< for someone of {weight_kg} kg>?",
        "how much energy [do i use|do i burn|did i spend] in a workout< of {exercise}>"
        "< lasting {minutes:minutes}>< at a body weight of {weight_kg} kg>?",
        "i just [finished|did|logged] a workout< of {exercise}>< lasting {minutes:minutes}> and"
        " want to log the "
        "calories< for my weight of {weight_kg} kg>.",
    ],
)
def calories_burned(
    exercise: Exercise,
    minutes: Annotated[int, Field(ge=5, le=240)],
    weight_kg: Annotated[float, Field(ge=40, le=150)],
) -> dict[str, float]:
    """Estimate the calories burned during an exercise session.

    Args:
        exercise: Kind of exercise.
        minutes: Length of the session in minutes.
        weight_kg: Body weight in kilograms.

    Returns:
        Calories in total and per minute.
    """
    per_minute = _MET[exercise] * 3.5 * weight_kg / 200
    return {"calories": round(per_minute * minutes, 1), "per_minute": round(per_minute, 2)}


@api(
    category="health",
    examples=[
        {"age": 40},
        {"age": 28, "resting_rate": 60},
        {"age": 55, "resting_rate": 72, "intensity": "vigorous"},
    ],
    phrasings=[
        "[find|work out] the target heart rate for a [person|runner]< aged {age}>"
        "< with a resting pulse of {resting_rate}>< for {intensity} training>",
        "[look up|get|find] the training heart rate zone for someone< who is {age}>"
        "< doing {intensity} exercise>",
        "calculate my [target pulse|exercise heart rate]< at age {age}>"
        "< with a resting heart rate of {resting_rate} beats per minute>",
        "what heart rate should i aim for [when training|when exercising]< at {age} years old>"
        "< with {intensity} effort>?",
        "which heart rate zone [is right|is best] for me< at age {age}>"
        "< if my resting pulse is {resting_rate}>?",
        "i [am starting to train|am getting back into shape]< at the age of {age}> and need my "
        "target heart rate< for {intensity} workouts>.",
    ],
)
def target_heart_rate(
    age: Annotated[int, Field(ge=15, le=90)],
    resting_rate: Annotated[int, Field(ge=40, le=100)] = 65,
    intensity: Literal["light", "moderate", "vigorous"] = "moderate",
) -> dict[str, int]:
    """Calculate the heart rate zone to train in.

    Args:
        age: Age in years.
        resting_rate: Resting heart rate in beats per minute.
        intensity: Effort of the training.

    Returns:
        Lower, upper and maximal heart rate by the Karvonen method.
    """
    low, high = {"light": (0.3, 0.4), "moderate": (0.4, 0.6), "vigorous": (0.6, 0.85)}[intensity]
    maximum = 220 - age
    reserve = maximum - resting_rate
    return {
        "lower": round(resting_rate + low * reserve),
        "upper": round(resting_rate + high * reserve),
        "maximum": maximum,
    }


@api(
    category="health",
    examples=[
        {"wake_time": "06:30:00"},
        {"wake_time": "07:00:00", "cycles": 6},
        {"wake_time": "05:45:00", "cycles": 4, "minutes_to_fall_asleep": 20},
    ],
    phrasings=[
        "[work out|find] the best bedtime for getting up rested< at {wake_time}>"
        "< after {cycles} sleep cycles>",
        "[find out|work out] when to go to bed[| in order]< to wake up at {wake_time}>"
        "< if i need {minutes_to_fall_asleep:minutes} to fall asleep>",
        "plan [my|a good] bedtime< for an alarm at {wake_time}>< with {cycles} full sleep cycles>",
        "when should i go to [bed|sleep]< to get up at {wake_time}>< after {cycles} sleep cycles>?",
        "what time [is a good bedtime|should i be in bed]< with the alarm set for {wake_time}>"
        "< when falling asleep takes me {minutes_to_fall_asleep:minutes}>?",
        "i have to get up[| early]< at {wake_time}> and want to know when to go to bed"
        "< for {cycles} sleep cycles>.",
    ],
)
def bedtime_for_waking(
    wake_time: time,
    cycles: Annotated[int, Field(ge=3, le=7)] = 5,
    minutes_to_fall_asleep: Annotated[int, Field(ge=0, le=60)] = 15,
) -> dict[str, str | float]:
    """Find the bedtime that lets a person wake between sleep cycles.

    Args:
        wake_time: Time of getting up.
        cycles: Number of sleep cycles of ninety minutes.
        minutes_to_fall_asleep: Minutes until sleep sets in.

    Returns:
        The bedtime and the hours of sleep.
    """
    asleep = cycles * 90
    minute = wake_time.hour * 60 + wake_time.minute - asleep - minutes_to_fall_asleep
    hours, minutes = divmod(minute % 1440, 60)
    return {"bedtime": f"{hours:02d}:{minutes:02d}", "hours_of_sleep": round(asleep / 60, 2)}


@api(
    category="health",
    examples=[
        {"last_period": "2024-03-04"},
        {"last_period": "2025-01-20", "cycle_days": 30},
        {"last_period": "2023-11-11", "cycle_days": 26},
    ],
    phrasings=[
        "[estimate|work out] the due date of a pregnancy< with a last period on {last_period}>"
        "< with a cycle of {cycle_days} days>",
        "predict when the baby [is due|will arrive|should come]< from a last period that began"
        " {last_period}>",
        "[calculate|find] [the|our] baby's due date< counting from the last period on"
        " {last_period}>"
        "< with cycles of {cycle_days} days>",
        "when is [my|the] baby due< if the last period started on {last_period}>"
        "< with a cycle of {cycle_days} days>?",
        "what is the [due date|expected delivery date|likely day of birth]< for a last period on"
        " {last_period}>?",
        "i'm [pregnant|expecting] and would like to know my due date"
        "< given that my last period began on {last_period}>"
        "< with a cycle of {cycle_days} days>.",
    ],
)
def pregnancy_due_date(
    last_period: date,
    cycle_days: Annotated[int, Field(ge=21, le=40)] = 28,
) -> dict[str, str]:
    """Estimate the due date of a pregnancy by Naegele's rule.

    Args:
        last_period: First day of the last period.
        cycle_days: Usual cycle length in days.

    Returns:
        The due date, the likely conception day and the start of the third trimester.
    """
    conception = last_period + timedelta(days=cycle_days - 14)
    due = conception + timedelta(days=266)
    return {
        "due_date": due.isoformat(),
        "conception": conception.isoformat(),
        "third_trimester": (due - timedelta(days=84)).isoformat(),
    }
