"""What did it cost. Pure: intervals, prices and times are arguments; nothing is read, and nothing is stored as truth.

``pricing`` one interval -> ``budgets`` a month of a group and a person -> ``reports`` rows that people can add up.
``quantities`` time by day and rate -> ``reporting`` lines by person, group, day; ``focus`` the same as FOCUS rows.
"""
