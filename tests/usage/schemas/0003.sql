-- A used-up budget, with a notice at what runs, and a top-up.
INSERT INTO leases (
    id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus, worker_cores,
    worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds, worker_spot,
    reason, message, stopping, requested_at, wish, notice
) VALUES (
    'l-0003', 'bound', 'server', 'alice', 'research', 'small', '', 'alice/3', 1000, 1, '{}', 0,
    0, '{}', 0, 0, 0, 0, 0, 0, false,
    '', '', false, '2026-11-20 12:00:00.000000', 0, 'The budget is used up.'
);
INSERT INTO topups (id, "group", "user", amount, reason, author, at, expires_at) VALUES (
    't-0003', 'research', 'alice', '12.340', 'deadline', 'adam', '2026-11-20 12:00:00.000000',
    '2026-11-25 00:00:00.000000'
);
INSERT INTO warnings (month, "group", "user", level, at) VALUES (
    '2026-11', 'research', '', '0.80', '2026-11-18 08:00:00.000000'
);
