-- A cluster that follows its load between one and five workers.
INSERT INTO leases (
    id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus, worker_cores,
    worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds, worker_spot,
    reason, message, stopping, requested_at, wish, idle_max_seconds, stops_with_server, no_client_seconds,
    adaptive_minimum, adaptive_maximum
) VALUES (
    'l-0011', 'bound', 'cluster', 'alice', 'research', 'standard', '', 'c-11', 1000, 1, '{}', 1000,
    1, '{}', 1, 10, 1, 1, 600, 0, false,
    '', '', false, '2026-11-20 12:00:00.000000', 1, 7200, true, 0,
    1, 5
);
