-- Leases of 2023 were removed; of their group's sums one is still there.
INSERT INTO removals (kept_since, leases, intervals, events, decisions, warnings, audit, told) VALUES (
    '2024-01-01 00:00:00.000000', 3, 9, 20, 4, 1, 2, true
);
INSERT INTO group_days ("group", day, rate, ticks) VALUES (
    'research', '2023-05-01', '187b830803c821e9b7681c71c1369043', 7200000000
);
