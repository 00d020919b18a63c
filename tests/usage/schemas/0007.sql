-- A closed month with its prices, and a stretch of time that was found to be missing in it.
INSERT INTO closed_months (month, at, author, prices) VALUES (
    '2026-10', '2026-11-01 02:00:00.000000', 'adam', '[{"core_hour": "0.04", "from": "2026-01-01"}]'
);
INSERT INTO corrections (unit, month, since, until, added, at, why) VALUES (
    'u-0001', '2026-10', '2026-10-31 23:00:00.000000', '2026-10-31 23:30:00.000000', true,
    '2026-11-02 08:00:00.000000', 'ended at 2026-10-31 23:30:00 UTC was reported late (exact)'
);
