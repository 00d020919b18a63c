/* What the panel reads. Generated from hub_ext/contract by `jlpm types`; do not edit.
 * 3317d85003504982fdfc7a7d7d2cd455afb0d9ae008265375c6b42ea55846adb
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
  | 'option_not_offered'
  | 'no_group'
  | 'blocked'
  | 'login_expired'
  | 'service_unavailable'
  | 'reclaimed'
  | 'idle'
  | 'no_client'
  | 'lifetime'
  | 'scheduler_ended'
  | 'start_failed'
  | 'no_panel'
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
 * What a difference can do, worst first.
 */
export type Severity = 'critical' | 'imported' | 'other';
/**
 * What a unit is.
 */
export type UnitKind = 'server' | 'scheduler' | 'worker';
/**
 * How much a line matters, in the words of Python's ``logging``.
 */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical';

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
  ClusterHistory: ClusterHistory;
  ClusterLogs: ClusterLogs;
  MonthCosts: MonthCosts;
  Steered: Steered;
  Offers: Offers;
  Quote: Quote;
  ClusterFields: ClusterFields;
  StartRequest: StartRequest;
  Started: Started;
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
  adaptive_minimum: number | null;
  adaptive_maximum: number | null;
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
/**
 * What is known of one cluster, for whoever looks at it alone.
 */
export interface ClusterHistory {
  as_of: string;
  currency: string;
  cluster: ClusterView;
  stops_at: string | null;
  running: Step[];
  grants: GrantStep[];
  busy: BusyMinute[];
  workers: WorkerRow[];
  workers_total: number;
  decisions: DecisionRow[];
}
/**
 * From this moment on so many workers ran.
 */
export interface Step {
  at: string;
  workers: number;
}
/**
 * From this moment on the cluster wanted so many workers, and was granted so many.
 */
export interface GrantStep {
  at: string;
  wanted: number;
  granted: number;
}
/**
 * What the workers did between two reports, about a minute; the shares add up to 1.
 */
export interface BusyMinute {
  since: string;
  until: string;
  busy: number;
  idle: number;
  starting: number;
}
/**
 * One worker of a cluster, running or ended.
 */
export interface WorkerRow {
  name: string;
  started_at: string;
  ended_at: string | null;
  cost: string;
  busy_share: number | null;
}
/**
 * One recorded decision.
 */
export interface DecisionRow {
  id: string;
  at: string;
  user: string;
  group: string;
  kind: Kind;
  profile: string;
  name: string;
  allowed: boolean;
  reason: Reason | null;
  message: string;
}
/**
 * The newest lines of a cluster, the newest first.
 */
export interface ClusterLogs {
  cluster: string;
  as_of: string;
  kept_days: number;
  sources: LogSource[];
  lines: LogLine[];
  left_out: number;
}
/**
 * One process that wrote.
 */
export interface LogSource {
  name: string;
  kind: UnitKind;
  running: boolean;
  size: number;
  written_at: string;
}
/**
 * One line.
 */
export interface LogLine {
  at: string | null;
  level: LogLevel | null;
  source: string;
  text: string;
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
/**
 * The scheduler was told.
 */
export interface Steered {
  message: string;
}
/**
 * Everything that a person may start, by the group that would be charged.
 */
export interface Offers {
  identity: Identity;
  as_of: string;
  currency: string;
  groups: GroupOffer[];
  may: string[];
  leads: string[];
  contact: string;
  group_titles: string[];
}
/**
 * One group of the person, in policy order: what it offers and how it stands.
 */
export interface GroupOffer {
  group: string;
  title: string;
  balance: Balance;
  cores: Holding;
  profiles: ProfileOffer[];
}
/**
 * Who uses how much of a group's cores.
 */
export interface Holding {
  used: number;
  quota: number | null;
  mine: number | null;
  borrowed: number | null;
  lent: number | null;
}
/**
 * One profile as one group offers it.
 */
export interface ProfileOffer {
  name: string;
  kind: Kind;
  title: string;
  description: string;
  shape: Shape;
  scheduler: Shape | null;
  workers_max: number;
  price_per_hour: string;
  scheduler_price_per_hour: string | null;
  idle_seconds: number;
  no_client_seconds: number;
  stops_with_server: boolean;
  lifetime_seconds: number;
  options: OptionOffer[];
  available: boolean;
  reason: Reason | null;
  message: string;
  retry_at: string | null;
}
/**
 * Something to choose within a server profile, such as the image; what other groups may choose is not in it.
 */
export interface OptionOffer {
  name: string;
  title: string;
  choices: ChoiceOffer[];
  default: string;
  typed: string;
}
/**
 * One choice of an option.
 */
export interface ChoiceOffer {
  name: string;
  title: string;
  description: string;
}
/**
 * What a start would cost, and what of it would be granted now.
 */
export interface Quote {
  as_of: string;
  currency: string;
  profile: string;
  title: string;
  kind: Kind;
  group: string;
  workers: number;
  granted: number;
  borrowed: number;
  allowed: boolean;
  reason: Reason | null;
  message: string;
  cause: string;
  retry_at: string | null;
  trace: TraceStep[];
  price_per_hour: string;
  granted_price_per_hour: string;
  budget_minutes: number | null;
  granted_budget_minutes: number | null;
  credits_minutes: number | null;
  granted_credits_minutes: number | null;
}
/**
 * One rule that was looked at, in order.
 */
export interface TraceStep {
  rule: string;
  allows: boolean;
  detail: string;
}
/**
 * Every field, in the gateway's order. None at all: this person may start no cluster.
 */
export interface ClusterFields {
  fields: OptionField[];
}
/**
 * One field that the gateway lets this person fill in.
 */
export interface OptionField {
  name: string;
  label: string;
  type: 'select' | 'string' | 'int' | 'float' | 'bool';
  default: boolean | number | string;
  choices: string[];
  min: number | null;
  max: number | null;
}
/**
 * Start a cluster.
 */
export interface StartRequest {
  options: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[A-Za-z][A-Za-z0-9_]{0,63}$".
     */
    [k: string]: boolean | number | string;
  };
  workers: number;
}
/**
 * The gateway has taken it; it appears in the account by itself.
 */
export interface Started {
  cluster: string;
}
