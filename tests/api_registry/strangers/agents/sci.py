"""Scientific helpers, numpydoc."""
import math
from collections.abc import Sequence, Mapping, Iterable

def haversine(lat1, lon1, lat2, lon2, radius=6371.0):
    """
    Great-circle distance between two points on a sphere.

    Parameters
    ----------
    lat1, lon1 : float
        Latitude and longitude of the first point, in degrees.
    lat2, lon2 : float
        Latitude and longitude of the second point, in degrees.
    radius : float, optional
        Radius of the sphere in kilometres.

    Returns
    -------
    float
        Distance in kilometres.
    """
    p1, p2 = math.radians(lat1), math.radians(lat2)
    a = math.sin((p2-p1)/2)**2 + math.cos(p1)*math.cos(p2)*math.sin(math.radians(lon2-lon1)/2)**2
    return 2*radius*math.asin(math.sqrt(a))

def binom_pmf(k: int, n: int, p: float) -> float:
    """Probability mass function of the binomial distribution.

    Parameters
    ----------
    k : int
        Number of successes.
    n : int
        Number of trials.
    p : float
        Success probability of each trial.
    """
    return math.comb(n, k) * p**k * (1-p)**(n-k)

def linreg(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Fit a straight line to paired samples by ordinary least squares.

    Parameters
    ----------
    x : array_like
        Values of the independent variable.
    y : array_like
        Values of the dependent variable.

    Returns
    -------
    slope, intercept : float
    """
    n=len(x); mx=sum(x)/n; my=sum(y)/n
    s=sum((a-mx)*(b-my) for a,b in zip(x,y))/sum((a-mx)**2 for a in x)
    return s, my-s*mx

def rolling_mean(series: list[float], window: int = 3, min_periods: int | None = None, center: bool = False) -> list[float | None]:
    """Rolling mean of a series.

    Parameters
    ----------
    series : list of float
        The input series.
    window : int, default 3
        Size of the moving window.
    min_periods : int, optional
        Minimum number of observations in window required to have a value.
    center : bool, default False
        If True, set the window labels as the center of the window index.
    """
    return [sum(series[max(0,i-window+1):i+1])/len(series[max(0,i-window+1):i+1]) for i in range(len(series))]

def half_life(initial_mass: float, decay_constant: float, time: float) -> float:
    """Compute the remaining mass of a radioactive sample.

    :param initial_mass: mass at t=0, in grams
    :param decay_constant: decay constant in 1/s
    :param time: elapsed time in seconds
    """
    return initial_mass*math.exp(-decay_constant*time)

def ideal_gas_pressure(n_moles: float, temperature_k: float, volume_l: float) -> float:
    """Calculates the pressure of an ideal gas.

    Args:
        n_moles (float): Amount of substance in mol.
        temperature_k (float): Temperature in Kelvin.
        volume_l (float): Volume in litres.

    Returns:
        float: Pressure in kPa.
    """
    return 8.314*n_moles*temperature_k/volume_l

def quantile(data: Iterable[float], q: float = 0.5) -> float:
    """Compute the q-th quantile of the data."""
    d=sorted(data); return d[min(len(d)-1,int(q*len(d)))]

def normalize(weights: Mapping[str, float]) -> dict[str, float]:
    """Normalize weights so that they sum to one."""
    t=sum(weights.values()); return {k:v/t for k,v in weights.items()}

def bmi(weight_kg: float, height_m: float) -> float:
    """BMI."""
    return weight_kg/height_m**2

def hex_to_rgb(hex_color: str) -> tuple[int, int, int]:
    """Convert a hex color code to an RGB tuple."""
    h=hex_color.lstrip('#'); return tuple(int(h[i:i+2],16) for i in (0,2,4))

def is_prime(n: int) -> bool:
    """Return True if n is a prime number, False otherwise."""
    return n>1 and all(n%i for i in range(2,int(n**.5)+1))

def gcd(a: int, b: int) -> int:
    """Return the greatest common divisor of a and b."""
    return math.gcd(a,b)

def clamp(value: float, lo: float, hi: float) -> float:
    """Restrict value to the range [lo, hi]."""
    return max(lo,min(hi,value))

def solve_quadratic(a: float, b: float, c: float) -> list[complex] | list[float]:
    """Solve the quadratic equation ax² + bx + c = 0."""
    d=b*b-4*a*c
    return [] if d<0 else [(-b+d**.5)/(2*a),(-b-d**.5)/(2*a)]
