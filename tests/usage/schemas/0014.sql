-- A budget that is used up, and a level that was taken back.
INSERT INTO warnings (month, "group", "user", level, at, told_at) VALUES
    ('2026-11', 'research', '', '1', '2026-11-20 00:00:00.000000', '2026-11-20 00:00:02.000000'),
    ('2026-11', 'research', 'bob', '0.8', '2026-11-20 00:00:00.000000', NULL);
