-- A cluster with a worker that ended, and its daily sums: an hour before midnight, and a minute after it.
INSERT INTO leases (
    id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus, worker_cores,
    worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds, worker_price,
    worker_spot, reason, message, stopping, requested_at, wish, idle_max_seconds, stops_with_server
) VALUES (
    'l-0008', 'bound', 'cluster', 'eve', 'research', 'standard', '', 'c-8', 1000, 1, '{}', 2000,
    2147483648, '{"l4": 1}', 1, 10, 1, 0, 0, 0, '0.30',
    true, '', '', false, '2026-11-19 22:00:00.000000', 1, 0, false
);
INSERT INTO intervals (
    unit, kind, lease, "user", "group", profile, name, ref, cores, memory, gpus, price, spot, started_at, ended_at,
    alive_at, source
) VALUES (
    'u-0008', 'worker', 'l-0008', 'eve', 'research', 'standard', '', 'c-8', 2000, 2147483648,
    '{"l4": 1}', '0.30', true, '2026-11-19 23:00:00.000000', '2026-11-20 00:01:00.000000', NULL, 'exact'
);
INSERT INTO rates (id, kind, profile, cores, memory, gpus, price, spot) VALUES (
    '187b830803c821e9b7681c71c1369043', 'worker', 'standard', 2000, 2147483648, '{"l4": 1}', '0.30', true
);
INSERT INTO lease_days (lease, day, rate, "group", "user", ticks) VALUES (
    'l-0008', '2026-11-19', '187b830803c821e9b7681c71c1369043', 'research', 'eve', 3600000000
);
INSERT INTO lease_days (lease, day, rate, "group", "user", ticks) VALUES (
    'l-0008', '2026-11-20', '187b830803c821e9b7681c71c1369043', 'research', 'eve', 60000000
);
INSERT INTO group_days ("group", day, rate, ticks) VALUES (
    'research', '2026-11-19', '187b830803c821e9b7681c71c1369043', 3600000000
);
INSERT INTO group_days ("group", day, rate, ticks) VALUES (
    'research', '2026-11-20', '187b830803c821e9b7681c71c1369043', 60000000
);
