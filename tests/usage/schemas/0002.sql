-- A cluster that waits for what others of its cohort borrow.
INSERT INTO leases (
    id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus, worker_cores,
    worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds, worker_spot,
    reason, message, stopping, requested_at, wish, waiting_since
) VALUES (
    'l-0002', 'bound', 'cluster', 'alice', 'research', 'standard', '', 'c-2', 1000, 1, '{}', 1000,
    1, '{}', 3, 10, 8, 3, 0, 0, false,
    'cohort_full', 'Others borrow.', false, '2026-11-20 12:00:00.000000', 7, '2026-11-20 12:00:05.000000'
);
