"""The best pairing of two lists: Kuhn's and Munkres' method, with potentials, in cubic time."""

from collections.abc import Sequence


def best_pairs(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs (row, column) of the greatest total score; as many as the shorter side has.

    Of several best pairings, rows get the earliest columns that they can.
    """
    if not scores or not scores[0]:
        return []
    if len(scores) > len(scores[0]):
        flipped = [[row[column] for row in scores] for column in range(len(scores[0]))]
        return sorted((row, column) for column, row in best_pairs(flipped))
    rows, columns = len(scores), len(scores[0])
    # Potentials of rows and columns, and the row that each column is given to; 0 stands for none.
    of_row, of_column = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner, came_from = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0] = row
        column = 0
        slack = [float("inf")] * (columns + 1)
        seen = [False] * (columns + 1)
        while owner[column]:
            seen[column] = True
            least, following = float("inf"), 0
            at = owner[column]
            for other in range(1, columns + 1):
                if seen[other]:
                    continue
                cost = -scores[at - 1][other - 1] - of_row[at] - of_column[other]
                if cost < slack[other]:
                    slack[other], came_from[other] = cost, column
                if slack[other] < least:
                    least, following = slack[other], other
            for other in range(columns + 1):
                if seen[other]:
                    of_row[owner[other]] += least
                    of_column[other] -= least
                else:
                    slack[other] -= least
            column = following
        while column:
            owner[column] = owner[came_from[column]]
            column = came_from[column]
    return sorted(
        (owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column]
    )
