-- A worker that computed for half of its minute.
INSERT INTO activity (unit, lease, busy, idle, starting, cpu, memory_peak, at) VALUES (
    'u-0008', 'l-0008', 30000000, 20000000, 10000000, 29000000, 1073741824, '2026-11-20 00:01:00.000000'
);
