-- A group's burst credits and decayed usage, and one that has no credits.
INSERT INTO counters ("group", credits, "usage", settled_at) VALUES (
    'research', '299999.123456', 12345.5, '2026-11-20 12:00:00.000000'
);
INSERT INTO counters ("group", credits, "usage", settled_at) VALUES (
    'analysts', NULL, 0.0, '2026-11-20 12:00:00.000001'
);
