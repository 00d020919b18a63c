/* What the panel reads. Generated from hub_ext/contract by `jlpm types`; do not edit.
 * 927ebd1cb1546674490c3a74b36b7665b3f649f5826f9d121b9f4e253977754e
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
 * What a profile starts.
 */
export type Kind = 'server' | 'cluster';
/**
 * How one package of the kernel compares with the cluster.
 */
export type Verdict = 'same' | 'different' | 'missing';

/**
 * Every message that the panel reads.
 */
export interface Contract {
  Account: Account;
  ClusterView: ClusterView;
  ErrorBody: ErrorBody;
  EnvironmentComparison: EnvironmentComparison;
  Extended: Extended;
  MonthCosts: MonthCosts;
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
  refused: Refusal[];
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
  my_forecast: string | null;
  my_idle_cost: string | null;
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
  ends_at: string | null;
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
  ends_at: string | null;
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
 * A start that was not allowed.
 */
export interface Refusal {
  id: string;
  at: string;
  kind: Kind;
  title: string;
  name: string;
  reason: Reason | null;
  message: string;
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
  same: number;
  differences: PackageComparison[];
}
/**
 * One package, or Python itself, in the three places. ``None`` as a version: not installed there.
 */
export interface PackageComparison {
  name: string;
  verdict: Verdict;
  kernel: string | null;
  scheduler: string | null;
  workers: (string | null)[];
}
/**
 * The idle time that holds from now on.
 */
export interface Extended {
  lease: string;
  idle_seconds: number;
  message: string;
}
/**
 * A person's own costs of one month. The lines of a group add up to what the account calls ``mine``.
 */
export interface MonthCosts {
  as_of: string;
  currency: string;
  month: string;
  months: string[];
  days: number;
  lines: CostLine[];
  total: string;
}
/**
 * One server or cluster of the month, or those that are too small for a line of their own.
 */
export interface CostLine {
  lease: string;
  kind: 'server' | 'cluster';
  group: string;
  group_title: string;
  name: string;
  title: string;
  count: number;
  cost: string;
  daily: string[];
}
