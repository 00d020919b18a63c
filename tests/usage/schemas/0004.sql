-- A cluster whose use is known, and which ends with its person's servers.
INSERT INTO leases (
    id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus, worker_cores,
    worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds, worker_spot,
    reason, message, stopping, requested_at, wish, active_at, seen_at, idle_max_seconds, stops_with_server
) VALUES (
    'l-0004', 'bound', 'cluster', 'alice', 'research', 'standard', '', 'c-4', 1000, 1, '{}', 1000,
    1, '{}', 1, 10, 1, 1, 600, 0, false,
    '', '', false, '2026-11-20 12:00:00.000000', 1, '2026-11-20 12:05:00.000000', '2026-11-20 12:06:00.000000', 7200,
    true
);
