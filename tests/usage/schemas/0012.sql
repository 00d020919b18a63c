-- A cluster that wanted four workers and was granted two, and what they did until the next minute.
INSERT INTO grant_minutes (lease, minute, at, wanted, granted) VALUES (
    'l-0008', 29918880, '2026-11-20 00:00:30.000000', 4, 2
);
INSERT INTO busy_minutes (lease, minute, at, busy, idle, starting) VALUES (
    'l-0008', 29918881, '2026-11-20 00:01:00.000000', 30000000, 20000000, 10000000
);
