/** Small real stand-ins: a clock to turn, a page to hide, a stream to feed, words in English, and the sample accounts. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import empty from '../../../tests/support/scenarios/empty.json';
import noGroup from '../../../tests/support/scenarios/no_group.json';
import normal from '../../../tests/support/scenarios/normal.json';
import overBudget from '../../../tests/support/scenarios/over_budget.json';
import type { Account, CostLine, EnvironmentComparison, MonthCosts, PackageComparison } from '../contract';
import type { ISteering, ISteeringState, Wish } from '../model/steering';
import type { IClock, IPage } from '../stream/clock';
import type { IAccountModel, IAccountState } from '../tokens';

/** The sample accounts, which the Python tests validate against the contract. */
export const accounts = {
  normal: normal as unknown as Account,
  empty: empty as unknown as Account,
  noGroup: noGroup as unknown as Account,
  overBudget: overBudget as unknown as Account
};

/** Fill `%1`, `%2` as JupyterLab's translation does. */
function fill(text: string, args: unknown[]): string {
  return text.replace(/%(\d)/g, (_, index: string) => String(args[Number(index) - 1]));
}

/** English. */
export const english = {
  __: (text: string, ...args: unknown[]) => fill(text, args),
  _p: (_context: string, text: string, ...args: unknown[]) => fill(text, args),
  _n: (one: string, many: string, n: number, ...args: unknown[]) => fill(n === 1 ? one : many, [n, ...args])
} as unknown as TranslationBundle;

/** A clock that stands until it is turned. */
export class FakeClock implements IClock {
  time = 1_000_000;
  private timers: { at: number; call: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.time + milliseconds, call };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(other => other !== timer);
    };
  }

  get waiting(): number {
    return this.timers.length;
  }

  /** Let time pass; timers are called in order, and what follows from them is awaited. */
  async turn(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        break;
      }
      this.time = next.at;
      this.timers = this.timers.filter(timer => timer !== next);
      next.call();
      await settle();
    }
    this.time = end;
  }
}

/** A tab that can be hidden. */
export class FakePage implements IPage {
  visible = true;
  private calls = new Set<() => void>();

  onChange(call: () => void): () => void {
    this.calls.add(call);
    return () => this.calls.delete(call);
  }

  async show(visible: boolean): Promise<void> {
    this.visible = visible;
    this.calls.forEach(call => call());
    await settle();
  }
}

/** Let everything that is ready happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await Promise.resolve();
  }
}

interface IPiece {
  done: boolean;
  value?: Uint8Array;
}

/** A body of a response that the test feeds. */
export class FakeStream {
  private pieces: IPiece[] = [];
  private wake: ((piece: IPiece) => void) | null = null;

  readonly body = {
    getReader: () => ({
      read: async (): Promise<IPiece> =>
        this.pieces.shift() ?? (await new Promise<IPiece>(resolve => (this.wake = resolve)))
    })
  } as unknown as ReadableStream<Uint8Array>;

  async send(text: string): Promise<void> {
    await this.give({ done: false, value: Uint8Array.from(Buffer.from(text, 'utf-8')) });
  }

  async end(): Promise<void> {
    await this.give({ done: true });
  }

  private async give(piece: IPiece): Promise<void> {
    if (this.wake) {
      const wake = this.wake;
      this.wake = null;
      wake(piece);
    } else {
      this.pieces.push(piece);
    }
    await settle();
  }
}

/** The text of one event. */
export function accountEvent(account: Account): string {
  return `event: account\ndata: ${JSON.stringify(account)}\n\n`;
}

/** A model that says what the test says. */
export class FakeAccountModel implements IAccountModel {
  readonly changed: Signal<IAccountModel, void> = new Signal<IAccountModel, void>(this);
  readonly retry = jest.fn<undefined, []>();
  readonly stop = jest.fn<Promise<void>, [string]>();
  readonly extend = jest.fn<Promise<string>, [string, number]>();
  state: IAccountState;

  constructor(account: Account | null, change: Partial<IAccountState> = {}) {
    const now = Date.now();
    this.state = {
      phase: 'live',
      account,
      receivedAt: now,
      heardAt: now,
      error: null,
      retryAt: null,
      stopping: new Set(),
      ...change
    };
  }
}

/** Steers nothing; a test sets what is wished. */
export class FakeSteering implements ISteering {
  readonly changed: Signal<ISteering, void> = new Signal<ISteering, void>(this);
  readonly soon = jest.fn<undefined, [string, Wish]>();
  readonly flush = jest.fn<undefined, [string]>();
  readonly withdraw = jest.fn<undefined, [string]>();
  readonly ask = jest.fn<Promise<string>, [string, Wish]>(() => Promise.resolve(''));
  readonly restart = jest.fn<Promise<void>, [string]>(() => Promise.resolve());
  state: ISteeringState = { wishes: new Map(), errors: new Map(), restarting: new Set() };
}

/** A row of a package with one version in the kernel and one, or `null`, in the whole cluster of 12 workers. */
export function row(
  name: string,
  kernel: string | null,
  others: string | null,
  change: Partial<PackageComparison> = {}
): PackageComparison {
  const same = kernel === others;
  return {
    name,
    verdict: same ? 'same' : kernel === null || others === null ? 'missing' : 'different',
    severity: 'other',
    effect: '',
    why: same ? '' : `${name} is ${kernel} in the kernel and ${others} on all 12 workers: so it is. Do this.`,
    kernel,
    scheduler: others,
    workers: [others],
    differing: same ? 0 : 12,
    example: same ? null : 'w-1',
    edited_at: null,
    ...change
  };
}

/** The first of a list that has one. */
export function first<T>(items: readonly T[]): T {
  const [found] = items;
  if (found === undefined) {
    throw new Error('The list is empty.');
  }
  return found;
}

/** Two days of November: three clusters and a server of two groups. */
export function monthCosts(change: Partial<MonthCosts> = {}): MonthCosts {
  const line = (lease: string, cost: string, daily: string[], more: Partial<CostLine> = {}): CostLine => ({
    lease,
    kind: 'cluster',
    group: 'research',
    group_title: 'Research',
    name: lease,
    title: 'Standard workers',
    count: 1,
    cost,
    daily,
    ...more
  });
  return {
    as_of: '2026-11-02T15:04:12Z',
    currency: 'USD',
    month: '2026-11',
    months: ['2026-11', '2026-10'],
    days: 2,
    lines: [
      line('sales-join', '3.50', ['1.00', '2.50']),
      line('tiles', '2.00', ['2.00', '0'], { group: 'gpu', group_title: 'GPU' }),
      line('s-1', '0.45', ['0', '0.45'], { kind: 'server', name: '', title: 'Small notebook' }),
      line('', '0.05', ['0.05', '0'], { name: '', title: '', count: 3 })
    ],
    total: '6.00',
    ...change
  };
}

/** A comparison with these differences. */
export function comparison(...differences: PackageComparison[]): EnvironmentComparison {
  return {
    cluster: '0123456789abcdef0123456789abcde0',
    kernel: 'python3',
    kernel_title: 'Python 3',
    compared_at: '2026-11-21T15:04:00Z',
    workers: 12,
    python: row('Python', '3.11.7', '3.11.7'),
    system: row('System', 'Linux x86_64', 'Linux x86_64'),
    imports: 4,
    unread: 0,
    partly_read: [],
    same: 61,
    differences
  };
}
