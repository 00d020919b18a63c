-- A server that ended, a cluster that runs with a worker that ended, a refusal, and a stop by an administrator.
INSERT INTO leases (
    id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus, worker_cores,
    worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds, base_price,
    worker_price, worker_spot, reason, message, stopping, requested_at, expires_at, released_at
) VALUES (
    'l-0001-server', 'released', 'server', 'alice', 'research', 'small', '', 'alice/', 500, 1073741824, '{}', 0,
    0, '{}', 0, 0, 0, 0, 3600, 0, '0.250',
    NULL, false, 'idle', 'Idle for 1 h.', true, '2026-11-19 22:00:00.000000', NULL, '2026-11-20 01:30:00.000001'
);
INSERT INTO leases (
    id, state, kind, "user", "group", profile, name, ref, base_cores, base_memory, base_gpus, worker_cores,
    worker_memory, worker_gpus, workers, workers_max, wanted, running, idle_seconds, lifetime_seconds, base_price,
    worker_price, worker_spot, reason, message, stopping, requested_at, expires_at, released_at
) VALUES (
    'l-0001-cluster', 'bound', 'cluster', 'bøb', 'gpu', 'standard', 'Ärger "1"', 'c-1', 1000, 1, '{}', 2000,
    2147483648, '{"l4": 1}', 3, 10, 5, 3, 0, 86400, NULL,
    '0.10', true, '', '', false, '2026-11-20 12:00:00.000000', '2026-11-20 12:10:00.000000', NULL
);
INSERT INTO intervals (
    unit, kind, lease, "user", "group", profile, name, ref, cores, memory, gpus, price, spot, started_at, ended_at,
    alive_at, source
) VALUES (
    'u-0001-server', 'server', 'l-0001-server', 'alice', 'research', 'small', '', 'alice/', 500, 1073741824, '{}',
    '0.250', false, '2026-11-19 22:00:01.000001', '2026-11-20 01:30:00.000001', '2026-11-20 01:30:00.000001', 'exact'
);
INSERT INTO intervals (
    unit, kind, lease, "user", "group", profile, name, ref, cores, memory, gpus, price, spot, started_at, ended_at,
    alive_at, source
) VALUES (
    'u-0001-worker', 'worker', 'l-0001-cluster', 'bøb', 'gpu', 'standard', 'Ärger "1"', 'c-1', 2000, 2147483648,
    '{"l4": 1}', '0.10', true, '2026-11-20 12:01:00.000000', '2026-11-20 12:02:00.000000', NULL, 'reconciled'
);
INSERT INTO intervals (
    unit, kind, lease, "user", "group", profile, name, ref, cores, memory, gpus, price, spot, started_at, ended_at,
    alive_at, source
) VALUES (
    'u-0001-scheduler', 'scheduler', 'l-0001-cluster', 'bøb', 'gpu', 'standard', 'Ärger "1"', 'c-1', 1000, 1,
    '{}', NULL, false, '2026-11-20 12:00:30.000000', NULL, '2026-11-20 12:00:30.000000', 'exact'
);
INSERT INTO events (id, unit, lease, kind, type, at, source, detail, received_at) VALUES (
    'e-0001-1', 'u-0001-server', 'l-0001-server', 'server', 'started', '2026-11-19 22:00:01.000001', 'exact', '',
    '2026-11-19 22:00:02.000000'
);
INSERT INTO events (id, unit, lease, kind, type, at, source, detail, received_at) VALUES (
    'e-0001-2', 'u-0001-server', 'l-0001-server', 'server', 'ended', '2026-11-20 01:30:00.000001', 'exact', 'exit 0',
    '2026-11-20 01:30:01.000000'
);
INSERT INTO decisions (
    id, request, at, "user", "group", kind, profile, name, allowed, reason, message, body
) VALUES (
    'd-0001', 'r-0001', '2026-11-20 12:00:00.000000', 'dan', '', 'cluster', 'standard', 'x', false, 'quota_exceeded',
    'No cores are left.', '{"allowed": false, "id": "d-0001"}'
);
INSERT INTO audit (at, actor, action, target, note) VALUES (
    '2026-11-20 13:00:00.000000', 'adam', 'stop', 'server x of alice', 'maintenance'
);
