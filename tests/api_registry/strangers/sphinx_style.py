"""Older scripts: no hints, reST docstrings, types in them."""


def compound(principal, rate, years=1, monthly=False):
    """Calculates compound interest.

    :param principal: starting amount
    :type principal: float
    :param rate: yearly rate in percent
    :type rate: float
    :param int years: how many years
    :param bool monthly: compound monthly instead of yearly
    :returns: final amount
    :rtype: float
    """
    n = 12 if monthly else 1
    return round(principal * (1 + rate / 100 / n) ** (n * years), 2)


def join_words(words, sep=" ", *, upper=False):
    """This function joins words with a separator.

    :param words: the words
    :type words: list[str]
    :param sep: what stands between them
    :param upper: shout
    """
    text = sep.join(words)
    return text.upper() if upper else text


def lookup(table, key, default=None):
    """Look up a key.

    :param dict table: where to look
    :param str key: what to look for
    :param default: value for a key that is not there
    """
    return table.get(key, default)


def greet(name):
    """Say hello to someone."""
    return f"Hello {name}"


def log(*args):
    """Write to the log."""
    print(*args)
