/* What the panel reads. Generated from hub_ext/contract by `jlpm types`; do not edit.
 * f83de9dab693719714463c468f7b4504aaf8820daed038ec165088a96f4c8670
 */
/**
 * The state of a server or cluster, in the words that people see.
 */
export type State = 'starting' | 'running' | 'stopping' | 'stopped';
/**
 * Why something was refused, trimmed or ended.
 */
export type Reason =
  | 'quota_exceeded'
  | 'user_limit'
  | 'borrowing_limit'
  | 'cohort_full'
  | 'credits_exhausted'
  | 'budget_warning'
  | 'budget_reserve'
  | 'budget_exhausted'
  | 'profile_not_offered'
  | 'no_group'
  | 'blocked'
  | 'login_expired'
  | 'service_unavailable'
  | 'reclaimed'
  | 'idle'
  | 'no_client'
  | 'lifetime'
  | 'server_ended'
  | 'capped'
  | 'package_blocked'
  | 'invalid_request'
  | 'reload_failed'
  | 'forbidden'
  | 'not_found';
/**
 * How one package of the kernel compares with the cluster.
 */
export type Verdict = 'same' | 'different' | 'missing';
/**
 * What a difference can do, worst first.
 */
export type Severity = 'critical' | 'imported' | 'other';

/**
 * Every message that the panel reads.
 */
export interface Contract {
  Account: Account;
  ClusterView: ClusterView;
  ErrorBody: ErrorBody;
  EnvironmentComparison: EnvironmentComparison;
  EnvironmentRequest: EnvironmentRequest;
  Extended: Extended;
}
/**
 * One person's own view. ``as_of`` and the burn rates let a reader carry the cost on without asking again.
 */
export interface Account {
  identity: Identity;
  as_of: string;
  currency: string;
  balances: Balance[];
  burn_rate: string;
  servers: ServerView[];
  clusters: ClusterView[];
  may: string[];
  leads: string[];
  contact: string;
  group_titles: string[];
  warnings: BudgetWarning[];
}
/**
 * A person: the name at the hub and the SSO groups, in the order in which the identity provider sent them.
 */
export interface Identity {
  name: string;
  groups: string[];
}
/**
 * This month's money of one group, and of one person in it.
 */
export interface Balance {
  group: string;
  title: string;
  month: string;
  spent: string;
  budget: string | null;
  topped_up: string;
  mine: string;
  my_budget: string | null;
  my_topped_up: string;
  burn_rate: string;
  my_burn_rate: string;
  warn_at: number[];
  daily: string[];
  forecast: string | null;
  credits: number | null;
  credits_cap: number | null;
  credits_rate: number | null;
  credits_mode: ('standard' | 'overdraft') | null;
}
/**
 * One notebook server.
 */
export interface ServerView {
  lease: string;
  user: string;
  group: string;
  group_title: string;
  profile: string;
  title: string;
  name: string;
  state: State;
  reason: Reason | null;
  message: string;
  idle_seconds: number;
  idle_max_seconds: number;
  price_per_hour: string;
  cost: string;
  requested_at: string;
  started_at: string | null;
  ended_at: string | null;
  shape: Shape;
}
/**
 * Cores (number), memory (bytes) and GPUs (model -> count) that one server, scheduler or worker holds.
 */
export interface Shape {
  cores: number;
  memory: number;
  gpus: {
    [k: string]: number;
  };
}
/**
 * One Dask cluster.
 */
export interface ClusterView {
  lease: string;
  user: string;
  group: string;
  group_title: string;
  profile: string;
  title: string;
  name: string;
  state: State;
  reason: Reason | null;
  message: string;
  idle_seconds: number;
  idle_max_seconds: number;
  price_per_hour: string;
  cost: string;
  requested_at: string;
  started_at: string | null;
  ended_at: string | null;
  id: string;
  wanted: number;
  granted: number;
  running: number;
  workers_max: number;
  worker: Shape;
  scheduler: Shape;
  held: Shape;
  idle_cost: string;
  busy_share: number | null;
  idle_share: number | null;
  starting_share: number | null;
  memory_share: number | null;
  hint: string;
}
/**
 * A level of a budget that has been passed, and still is.
 */
export interface BudgetWarning {
  level: number;
  group: string;
  user: string;
  message: string;
  at: string;
}
/**
 * The one JSON error shape: ``{"error": {...}}``.
 */
export interface ErrorBody {
  error: ErrorDetail;
}
/**
 * What an error says, in every answer of every process.
 */
export interface ErrorDetail {
  status: number;
  reason: Reason;
  message: string;
  retry_at: string | null;
  decision: string | null;
}
/**
 * The kernel against one cluster, as of one moment.
 */
export interface EnvironmentComparison {
  cluster: string;
  kernel: string;
  kernel_title: string;
  compared_at: string;
  workers: number;
  python: PackageComparison;
  system: PackageComparison;
  imports: number | null;
  unread: number;
  partly_read: string[];
  same: number;
  differences: PackageComparison[];
}
/**
 * One package, module, Python or system in the three places. ``None`` as a version: not there.
 */
export interface PackageComparison {
  name: string;
  verdict: Verdict;
  severity: Severity;
  effect: string;
  why: string;
  kernel: string | null;
  scheduler: string | null;
  workers: (string | null)[];
  differing: number;
  example: string | null;
  edited_at: string | null;
}
/**
 * What to compare with a cluster. Nothing of it is run: of the sources only the import statements are read.
 */
export interface EnvironmentRequest {
  kernel: string;
  notebook: string;
  /**
   * @maxItems 2000
   */
  sources: string[];
  has_workers: boolean;
  fresh: boolean;
}
/**
 * The idle time that holds from now on.
 */
export interface Extended {
  lease: string;
  idle_seconds: number;
  message: string;
}
