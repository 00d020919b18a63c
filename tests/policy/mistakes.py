"""The table of mistakes: a good policy, what is changed in it, and what is told then."""
# ruff: noqa: E501 - a table is read row by row, one line each

BASE = """\
apiVersion: gatehouse/v1
currency: USD
prices:
  - from: 2026-01-01
    core_hour: 0.04
    gpu_hour: {l4: 0.70}
profiles:
  small:
    kind: server
    cores: 1
    memory: 2 GiB
    idle: {default: 1h, min: 20m, max: 4h}
  standard:
    kind: cluster
    worker: {cores: 1, memory: 2 GiB}
    workers: {max: 10}
cohorts:
  company: {}
groups:
  research:
    match: [/research]
    cohort: company
    profiles: [small, standard]
    quota: {cores: 8, memory: 64 GiB}
    per_user: {cores: 4}
    budget: {monthly: 100, per_user: 50, warn_at: [50%, 80%]}
administrators:
  - {match: [/admins], may: [read]}
data:
  lake: {url: s3://lake/}
"""

# id: (text to replace, its replacement, expected path, expected line, expected words)
MISTAKES = {
    "unknown-key": ("cores: 8,", "core: 8,", "groups.research.quota.core", 24, "did you mean 'cores'?"),
    "unknown-section": ("cohorts:", "cohort:", "cohort", 17, "did you mean 'cohorts'?"),
    "unknown-key-far": ("currency: USD", "zzzzz: 1", "zzzzz", 2, "there is apiVersion, currency, prices"),
    "code-name-of-key": ("- from:", "- since:", "prices[0].since", 4, "is no known key"),
    "version": ("house/v1", "house/v7", "apiVersion", 1, "write gatehouse/v1"),
    "currency": ("USD", "usd", "currency", 2, "three capital letters"),
    "no-date": ("2026-01-01", "2026-02-30", "prices[0].from", 4, "not a day of the calendar"),
    "date-order": ("2026-01-01", "01.01.2026", "prices[0].from", 4, "write 2026-01-31"),
    "currency-of-a-price": ("core_hour: 0.04", "core_hour: 0.04\n    currency: €", "prices[0].currency", 6, "three capital letters"),
    "price-word": ("0.04", "cheap", "prices[0].core_hour", 5, "'cheap' is not a number"),
    "price-comma": ("0.04", "0,04", "prices[0].core_hour", 5, "write 0.04"),
    "price-symbol": ("0.04", "$0.04", "prices[0].core_hour", 5, "write 0.04"),
    "price-negative": ("0.04", "-0.04", "prices[0].core_hour", 5, "'-0.04' must be at least 0"),
    "price-nan": ("0.04", ".nan", "prices[0].core_hour", 5, "'.nan' is not a number"),
    "price-infinite": ("0.04", "Infinity", "prices[0].core_hour", 5, "'Infinity' is not a number"),
    "kind-wrong": ("kind: server", "kind: notebook", "profiles.small", 8, "write kind: server or kind: cluster"),
    "kind-missing": ("    kind: server\n", "", "profiles.small", 8, "kind is missing"),
    "cores-zero": ("cores: 1\n", "cores: 0\n", "profiles.small.cores", 10, "must be more than 0"),
    "cores-milli": ("cores: 1\n", "cores: 500m\n", "profiles.small.cores", 10, "write 0.5"),
    "cores-octal": ("cores: 1\n", "cores: 010\n", "profiles.small.cores", 10, "write 10"),
    "cores-yes": ("cores: 1\n", "cores: yes\n", "profiles.small.cores", 10, "'yes' is not a number"),
    "memory-unit": ("2 GiB\n    idle", "2 GB\n    idle", "profiles.small.memory", 11, "write 512 MiB, 2 GiB or 1 TiB"),
    "memory-bare": ("2 GiB\n    idle", "2\n    idle", "profiles.small.memory", 11, "'2' is not a size"),
    "memory-none": ("2 GiB\n    idle", "0 B\n    idle", "profiles.small.memory", 11, "is nothing"),
    "idle-sexagesimal": ("default: 1h", "default: 1:30", "profiles.small.idle.default", 12, "'1:30' is not a duration"),
    "idle-below-min": ("default: 1h", "default: 5m", "profiles.small.idle.default", 12, "min (20 min) is more than default"),
    "idle-above-max": ("default: 1h", "default: 5h", "profiles.small.idle.default", 12, "lower default, or raise max"),
    "idle-zero": ("default: 1h, min: 20m", "default: 0s", "profiles.small.idle.default", 12, "would stop everything at once"),
    "idle-forever": ("max: 4h", "max: 99999999999d", "profiles.small.idle.max", 12, "too long"),
    "missing-key": ("    workers: {max: 10}\n", "", "profiles.standard.workers", 13, "add it, such as workers: {max: 10}"),
    "workers-fraction": ("max: 10", "max: 1.5", "profiles.standard.workers.max", 16, "not a whole number"),
    "workers-none": ("max: 10", "max: 0", "profiles.standard.workers.max", 16, "must be at least 1"),
    "name-of-group": ("  research:", "  Data_Science:", "groups.Data_Science", 20, "such as 'data-science'"),
    "match-text": ("match: [/research]", "match: /research", "groups.research.match", 21, "write [/research]"),
    "match-none": ("match: [/research]", "match: []", "groups.research.match", 21, "at least one entry"),
    "match-root": ("match: [/research]", "match: [/]", "groups.research.match[0]", 21, "names no group"),
    "match-star": ("match: [/research]", "match: [/res*]", "groups.research.match[0]", 21, "write /research/*"),
    "admin-star": ("match: [/admins]", "match: [/*/a]", "administrators[0].match[0]", 28, "elsewhere than in /* at the end"),
    "match-any": ("match: [/research]", "match: ['*']", "groups.research.match[0]", 21, "write /* for every group"),
    "leads-root": ("    cohort: company", "    leads: ['//']\n    cohort: company", "groups.research.leads[0]", 22, "names no group"),
    "unknown-profile": ("[small, st", "[smal, st", "groups.research.profiles[0]", 23, "did you mean 'small'?"),
    "profile-twice": ("[small, st", "[small, small, st", "groups.research.profiles[1]", 23, "listed twice"),
    "unknown-cohort": ("cohort: company", "cohort: companny", "groups.research.cohort", 22, "did you mean 'company'?"),
    "unknown-data": ("    cohort: comp", "    data: [lagoon]\n    cohort: comp", "groups.research.data[0]", 22, "there is lake"),
    "gpu-without-price": ("{l4: 0.70}", "{a100: 2}\nx: 1", "x", 7, "is no known key"),
    "gpu-of-profile": ("memory: 2 GiB\n    idle", "memory: 2 GiB\n    gpus: {L4: 1}\n    idle", "prices[0].gpu_hour", 6, "it has one for 'l4'"),
    "gpu-of-quota": ("{cores: 8,", "{gpus: {l4: 2},", "groups.research.quota.gpus.l4", 24, "this bounds nothing"),
    "quota-too-small": ("cores: 8, memory: 64", "memory: 1", "groups.research.quota.memory", 24, "nobody could ever start it"),
    "quota-negative": ("{cores: 8,", "{cores: -8,", "groups.research.quota.cores", 24, "must be at least 0"),
    "quota-nan": ("{cores: 8,", "{cores: .nan,", "groups.research.quota.cores", 24, "is not a number"),
    "quota-huge": ("{cores: 8,", "{cores: 1e400,", "groups.research.quota.cores", 24, "at most 1,000,000"),
    "quota-yes": ("{cores: 8,", "{cores: true,", "groups.research.quota.cores", 24, "is not a number"),
    "quota-below-per-user": ("    quota: {cores: 8, memory: 64 GiB}\n    per_user: {cores: 4}", "    borrowing_limit: {cores: 0}\n    quota: {cores: 8}\n    per_user: {cores: 9}", "groups.research.per_user.cores", 26, "lower it, or raise quota.cores"),
    "per-user-too-small": ("{cores: 4}", "{servers: 0}", "groups.research.per_user.servers", 25, "0 servers is less than the 1 server"),
    "per-user-memory": ("{cores: 4}", "{memory: 99 GiB}", "groups.research.per_user.memory", 25, "lower it, or raise quota.memory"),
    "budget-of-user": ("per_user: 50,", "per_user: 500,", "groups.research.budget.per_user", 26, "more than the group's own 100"),
    "warn-order": ("[50%, 80%]", "[80%, 50%]", "groups.research.budget.warn_at", 26, "must ascend"),
    "warn-above-whole": ("[50%, 80%]", "[120%]", "groups.research.budget.warn_at[0]", 26, "above the whole"),
    "exhausted": ("monthly: 100", "monthly: 100, on_exhausted: deny", "groups.research.budget.on_exhausted", 26, "did you mean 'deny_new'?"),
    "budget-empty": ("budget: {monthly: 100, per_user: 50, warn_at: [50%, 80%]}", "budget:", "groups.research.budget", 26, "is empty"),
    "budget-word": ("budget: {monthly: 100, per_user: 50, warn_at: [50%, 80%]}", "budget: 100", "groups.research.budget", 26, "with monthly, per_user"),
    "lending-reserved": ("    cohort: company", "    lending_limit: {cores: 2}\n    reserved: true\n    cohort: company", "groups.research.lending_limit", 22, "never lends"),
    "lending-above": ("    cohort: company", "    lending_limit: {cores: 9}\n    cohort: company", "groups.research.lending_limit.cores", 22, "more than the quota"),
    "burst-alone": ("    cohort: company", "    burst: {core_minutes: 50}", "groups.research.burst", 22, "without a cohort"),
    "burst-no-quota": ("    quota: {cores: 8, memory: 64 GiB}", "    burst: {core_minutes: 50}", "groups.research.burst", 24, "no quota.cores"),
    "half-life": ("administrators:", "defaults: {usage_half_life: 0s}\nadministrators:", "defaults.usage_half_life", 27, "longer than nothing"),
    "lending-alone": ("    cohort: company", "    lending_limit: {cores: 2}", "groups.research.lending_limit", 22, "without a cohort"),
    "lending-negative": ("    cohort: company", "    lending_limit: {cores: -1}\n    cohort: company", "groups.research.lending_limit.cores", 22, "must be at least 0"),
    "borrowing-alone": ("    cohort: company", "    borrowing_limit: {cores: 2}", "groups.research.borrowing_limit", 22, "without a cohort"),
    "borrowing-nan": ("    cohort: company", "    borrowing_limit: {cores: .nan}\n    cohort: company", "groups.research.borrowing_limit.cores", 22, "is not a number"),
    "nominal-negative": ("company: {}", "company: {nominal_quota: {cores: -1}}", "cohorts.company.nominal_quota.cores", 18, "must be at least 0"),
    "nominal-infinite": ("company: {}", "company: {nominal_quota: {cores: .inf}}", "cohorts.company.nominal_quota.cores", 18, "is not a number"),
    "weight-zero": ("    cohort: company", "    weight: 0\n    cohort: company", "groups.research.weight", 22, "must be more than 0"),
    "right": ("may: [read]", "may: [reed]", "administrators[0].may[0]", 28, "did you mean 'read'?"),
    "truth": ("    cohort: company", "    reserved: maybe\n    cohort: company", "groups.research.reserved", 22, "neither true nor false"),
    "duplicate-key": ("currency: USD", "currency: USD\ncurrency: EUR", "currency", 3, "stands twice, first on line 2"),
    "tag": ("url: s3", "url: !secret s3", "data.lake.url", 30, "tags mean nothing here"),
    "list-as-text": ("url: s3://lake/", "url: [a]", "data.lake.url", 30, "a list stands where a text is needed"),
    "tab": ("\n    core_hour", "\n\tcore_hour", "file", 5, "indent with spaces"),
    "open-list": ("may: [read]}", "may: [read", "file", 29, "a list is opened with ["),
    "open-quote": ("url: s3://lake/", 'url: "s3', "file", 31, "a quote is opened"),
    "second-colon": ("currency: USD", "currency: USD: EUR", "file", 2, "put the text in quotes"),
    "unknown-alias": ("cohort: company", "cohort: *company", "file", 22, "an alias (*)"),
    "two-documents": ("cohorts:", "---\ncohorts:", "file", 17, "keep one policy in one file"),
    "control-character": ("USD", "U\x07SD", "file", 2, "a control character"),
}  # fmt: skip

SEVERAL = {"unknown-section", "code-name-of-key", "gpu-without-price", "quota-too-small"}
"""Rows that are two mistakes: a misspelled key also leaves the right one missing, a quota is too small for two."""
