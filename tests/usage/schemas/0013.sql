-- A worker on Kubernetes that waited ten seconds for a machine and half a minute for its image.
INSERT INTO pods (
    uid, unit, kind, lease, namespace, name, stage, why, created_at, scheduled_at, started_at, gone, seen_at
) VALUES (
    '0013-uid', 'l-0008-dask-worker-1', 'worker', 'l-0008', 'jhub', 'dask-worker-1', 'running', '',
    '2026-11-20 12:00:00.000000', '2026-11-20 12:00:10.000000', '2026-11-20 12:00:40.000000', false,
    '2026-11-20 12:05:00.000000'
);
INSERT INTO pod_watches (namespace, heard_at, pods, problem, notices, at) VALUES (
    'jhub', '2026-11-20 12:05:00.000000', 1, '', '["It has no ResourceQuota."]', '2026-11-20 12:05:01.000000'
);
