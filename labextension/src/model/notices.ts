/** What a person is told without looking: from two accounts that follow each other, what is new between them. Pure. */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Account, BudgetWarning, ClusterView, Reason, Refusal, ServerView } from '../contract';
import { clockTime, duration, money } from '../format';
import { idleChoices } from './idle';

/** What can be turned off by itself. */
export type NoticeKind = 'budgets' | 'endings' | 'cuts' | 'ended' | 'refused';

/** What a person can do about it. */
export type Action =
  | { readonly do: 'costs' | 'new'; readonly label: string }
  | { readonly do: 'show' | 'stop'; readonly label: string; readonly cluster: string }
  | {
      readonly do: 'keep';
      readonly label: string;
      readonly caption: string;
      readonly lease: string;
      readonly seconds: number;
    };

/** One thing to tell. */
export interface INotice {
  readonly kind: NoticeKind;
  /** What it is about; with `at` it says whether it was told before. */
  readonly key: string;
  /** Milliseconds since 1970 by which a second occasion differs from the first; 0: there is only one. */
  readonly at: number;
  readonly tone: 'info' | 'warning' | 'error';
  /** One line, and below it a sentence that ends with its code. */
  readonly message: string;
  readonly actions: readonly Action[];
}

/** JupyterLab cuts longer messages off, in the middle of a word. */
export const LONGEST = 140;
/** Why Gatehouse takes workers away again. */
const CUTS: ReadonlySet<Reason> = new Set<Reason>([
  'reclaimed',
  'credits_exhausted',
  'budget_reserve',
  'budget_exhausted',
  'cohort_full',
  'borrowing_limit',
  'quota_exceeded',
  'user_limit'
]);
/** Why Gatehouse ends what runs. */
const ENDS: ReadonlySet<Reason> = new Set<Reason>([
  'idle',
  'no_client',
  'lifetime',
  'server_ended',
  'budget_exhausted',
  'blocked',
  'no_group'
]);

type Thing = ServerView | ClusterView;

/**
 * Return what is new in `next`. At the first look, without a `previous` account, only what has a deadline ahead:
 * the rest was so before.
 */
export function news(previous: Account | null, next: Account, trans: TranslationBundle): readonly INotice[] {
  const lasting = standing(next, trans);
  if (previous === null) {
    return lasting.filter(notice => notice.kind === 'endings' || isUrgent(notice, next));
  }
  return [
    ...lasting,
    ...next.clusters.flatMap(cluster =>
      cut(find(previous.clusters, cluster), cluster, Date.parse(next.as_of), trans)
    ),
    ...next.clusters.flatMap(cluster => ended(find(previous.clusters, cluster), cluster, next, trans)),
    ...next.servers.flatMap(server => ended(find(previous.servers, server), server, next, trans)),
    ...next.refused
      .filter(one => previous.refused.every(known => known.id !== one.id))
      .map(one => refusal(one, trans))
  ];
}

/** Return whether what a notice told is over: then it goes by itself. */
export function isOver(notice: INotice, account: Account, trans: TranslationBundle): boolean {
  switch (notice.kind) {
    case 'budgets':
    case 'endings':
      return standing(account, trans).every(one => one.key !== notice.key);
    case 'refused':
      return account.refused.every(one => `refused ${one.id}` !== notice.key);
    default:
      return [...account.servers, ...account.clusters].every(
        thing => !notice.key.startsWith(`${thing.lease} `) || (notice.kind === 'cuts' && !isCut(thing))
      );
  }
}

/** What lasts: it is told when it begins, and goes when it ends. */
function standing(account: Account, trans: TranslationBundle): readonly INotice[] {
  const things: readonly Thing[] = [...account.servers, ...account.clusters];
  return [
    ...account.warnings.map(warning => budget(warning, account, trans)),
    ...things.filter(endsSoon).map(thing => ending(thing, account.currency, trans))
  ];
}

/** A used-up budget may end what runs. */
function isUrgent(notice: INotice, account: Account): boolean {
  const runs = [...account.servers, ...account.clusters].some(thing => thing.state === 'running');
  return notice.kind === 'budgets' && notice.tone === 'error' && runs;
}

function find<T extends Thing>(things: readonly T[], wanted: T): T | undefined {
  return things.find(thing => thing.lease === wanted.lease);
}

function endsSoon(thing: Thing): thing is Thing & { ends_at: string } {
  return thing.state === 'running' && typeof thing.ends_at === 'string';
}

function budget(warning: BudgetWarning, account: Account, trans: TranslationBundle): INotice {
  const used = warning.level >= 1;
  const group = account.balances.find(balance => balance.group === warning.group)?.title ?? warning.group;
  const level = Math.round(warning.level * 100);
  const ofGroup = (): string =>
    used
      ? trans.__('The budget of %1 is used up', group)
      : trans.__('The budget of %1 passed %2 %', group, level);
  const own = (): string =>
    used
      ? trans.__('Your budget in %1 is used up', group)
      : trans.__('Your budget in %1 passed %2 %', group, level);
  const title = warning.user === '' ? ofGroup() : own();
  return {
    kind: 'budgets',
    key: `budget ${warning.group} ${warning.user} ${warning.level}`,
    at: Date.parse(warning.at),
    tone: used ? 'error' : 'warning',
    message: fit(title, warning.message, used ? 'budget_exhausted' : 'budget_warning'),
    actions: [{ do: 'costs', label: trans.__('Show what costs') }]
  };
}

function ending(thing: Thing & { ends_at: string }, currency: string, trans: TranslationBundle): INotice {
  const title = trans.__('%1 stops at %2', nameOf(thing, trans), clockTime(thing.ends_at));
  const [seconds] = thing.reason === 'idle' ? idleChoices(thing) : [];
  const stop: Action[] =
    'id' in thing ? [{ do: 'stop', label: trans.__('Stop now'), cluster: thing.id }] : [];
  return {
    kind: 'endings',
    key: `${thing.lease} ends ${thing.reason ?? ''}`,
    at: Date.parse(thing.ends_at),
    tone: 'warning',
    message: fit(title, why(thing, trans), thing.reason),
    actions:
      seconds === undefined
        ? [...stop, ...shown(thing, trans)]
        : [...stop, keep(thing, seconds, currency, trans)]
  };
}

/** The service's sentence says the time in UTC; the title says it in the reader's zone, so only the rest is told. */
function why(thing: Thing, trans: TranslationBundle): string {
  switch (thing.reason) {
    case 'idle':
      return 'id' in thing
        ? trans.__('It computes nothing. What is in worker memory is not saved.')
        : trans.__('Nobody uses it. What its kernels hold is not saved.');
    case 'no_client':
      return trans.__('No client is connected to it. What is in worker memory is not saved.');
    default:
      return thing.message;
  }
}

function keep(thing: Thing, seconds: number, currency: string, trans: TranslationBundle): Action {
  const more = (Number(thing.price_per_hour) * (seconds - thing.idle_seconds)) / 3600;
  return {
    do: 'keep',
    label: trans.__('Keep %1 (%2)', duration(seconds), money(more, currency)),
    caption: trans.__(
      'It then stops after %1 without use, which costs at most %2 more than now',
      duration(seconds),
      money(more, currency)
    ),
    lease: thing.lease,
    seconds
  };
}

function isCut(thing: Thing): boolean {
  return (
    'id' in thing &&
    thing.state === 'running' &&
    thing.granted < thing.wanted &&
    thing.reason !== null &&
    CUTS.has(thing.reason)
  );
}

function cut(
  before: ClusterView | undefined,
  now: ClusterView,
  at: number,
  trans: TranslationBundle
): readonly INotice[] {
  const wasTaken = before !== undefined && now.granted < Math.min(before.granted, now.wanted);
  if (!wasTaken || !isCut(now)) {
    return [];
  }
  const title = trans._n(
    'Shrinking %2 to %1 worker',
    'Shrinking %2 to %1 workers',
    now.granted,
    nameOf(now, trans)
  );
  return [
    {
      kind: 'cuts',
      key: `${now.lease} cut ${now.reason ?? ''} ${now.granted}`,
      at,
      tone: 'warning',
      message: fit(title, cause(now.message), now.reason),
      actions: shown(now, trans)
    }
  ];
}

function ended(
  before: Thing | undefined,
  now: Thing,
  account: Account,
  trans: TranslationBundle
): readonly INotice[] {
  const alive = before?.state === 'running' || before?.state === 'starting';
  const gone = now.state === 'stopping' || now.state === 'stopped';
  if (!alive || !gone || now.reason === null || !ENDS.has(now.reason)) {
    return [];
  }
  const cost = money(now.cost, account.currency);
  return [
    {
      kind: 'ended',
      key: `${now.lease} ended`,
      at: 0,
      tone: now.reason === 'budget_exhausted' || now.reason === 'blocked' ? 'error' : 'info',
      message: fit(trans.__('%1 was stopped; it cost %2', nameOf(now, trans), cost), now.message, now.reason),
      actions: shown(now, trans)
    }
  ];
}

function refusal(one: Refusal, trans: TranslationBundle): INotice {
  const title = trans.__('%1 did not start', one.name || one.title);
  return {
    kind: 'refused',
    key: `refused ${one.id}`,
    at: 0,
    tone: 'error',
    message: fit(title, cause(one.message), one.reason),
    actions:
      one.reason?.startsWith('budget') === true
        ? [{ do: 'costs', label: trans.__('Show what costs') }]
        : one.kind === 'cluster'
          ? [{ do: 'new', label: trans.__('New cluster') }]
          : []
  };
}

function shown(thing: Thing, trans: TranslationBundle): readonly Action[] {
  return 'id' in thing ? [{ do: 'show', label: trans.__('Show cluster'), cluster: thing.id }] : [];
}

function nameOf(thing: Thing, trans: TranslationBundle): string {
  return 'id' in thing ? thing.name || thing.title : thing.name || trans.__('Your server');
}

/** The service's sentence begins with what was decided; the title says that already, so only the cause is told. */
function cause(text: string): string {
  const found = text.replace(
    /^(Not started|None of [\d,]+ workers yet|(Shrinking to|Staying at|Grown to) [\d,]+ of [\d,]+ workers): /,
    ''
  );
  return found.charAt(0).toUpperCase() + found.slice(1);
}

/** Return title, text and code within {@link LONGEST}: as many whole sentences as fit; the code is always there. */
export function fit(title: string, text: string, reason: Reason | null): string {
  const code = reason === null ? '' : ` [${reason}]`;
  const room = LONGEST - title.length - code.length - 1;
  let told = '';
  for (const sentence of text.split(/(?<=[.;]) /)) {
    const longer = told === '' ? sentence : `${told} ${sentence}`;
    if (longer.length > room) {
      break;
    }
    told = longer;
  }
  const rest = told === '' && text !== '' ? `${text.slice(0, Math.max(room - 1, 0)).trimEnd()}…` : told;
  return `${title}\n${rest.replace(/;$/, '.')}${code}`;
}
