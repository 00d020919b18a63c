/** What a person asks of their clusters, from the moment they ask until the account tells it. No DOM, no React. */

import { ISignal, Signal } from '@lumino/signaling';

import type { ClusterView } from '../contract';
import { ServiceError, toServiceError } from '../request';
import { browserClock, IClock } from '../stream/clock';
import type { IAccountModel } from '../tokens';

/** Milliseconds of rest after which a wish is sent. */
export const REST = 400;
/** Milliseconds after which an answered wish that the account does not tell is given up: the account is right. */
export const PATIENCE = 15_000;

/** Between how many workers a cluster follows its load. */
export interface IBounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** So many workers; as many as the load needs within bounds; or no longer by the load, with those that there are. */
export type Wish =
  | { readonly kind: 'workers'; readonly workers: number }
  | ({ readonly kind: 'bounds' } & IBounds)
  | { readonly kind: 'fixed' };

/** How the gateway is reached. Each answers what the gateway says beside its yes, or rejects with a `ServiceError`. */
export interface ISteeringSource {
  scale(cluster: string, workers: number): Promise<string>;
  /** Null: no longer. */
  adapt(cluster: string, bounds: IBounds | null): Promise<string>;
  restart(cluster: string): Promise<void>;
}

/** What was asked of clusters and is not told yet, by their names at the gateway. A new object at every change. */
export interface ISteeringState {
  readonly wishes: ReadonlyMap<string, Wish>;
  /** Why the last wish came to nothing. */
  readonly errors: ReadonlyMap<string, ServiceError>;
  /** Clusters whose workers are being restarted. */
  readonly restarting: ReadonlySet<string>;
}

/** Steers clusters. */
export interface ISteering {
  readonly state: ISteeringState;
  /** Emitted after `state` was replaced. */
  readonly changed: ISignal<ISteering, void>;
  /** Wish; sent after a moment without another one. */
  soon(cluster: string, wish: Wish): void;
  /** Send at once what waits for that moment. */
  flush(cluster: string): void;
  /** Take back what waits for that moment. */
  withdraw(cluster: string): void;
  /** Wish at once; what the gateway says beside its yes. Rejects with a `ServiceError`. */
  ask(cluster: string, wish: Wish): Promise<string>;
  /** Give it new worker processes. Rejects with a `ServiceError`. */
  restart(cluster: string): Promise<void>;
}

interface IEntry {
  readonly wish: Wish;
  sent: boolean;
  answered: boolean;
  callOff: () => void;
}

/** Sends wishes one after the other, shows each at once, and lets go of it when the account tells it or it failed. */
export class SteeringModel implements ISteering {
  private readonly signal = new Signal<ISteering, void>(this);
  private readonly entries = new Map<string, IEntry>();
  private readonly errors = new Map<string, ServiceError>();
  private readonly restarting = new Set<string>();
  private readonly turns = new Map<string, Promise<unknown>>();
  private current: ISteeringState = { wishes: new Map(), errors: new Map(), restarting: new Set() };

  constructor(
    private readonly source: ISteeringSource,
    private readonly account: IAccountModel,
    private readonly clock: IClock = browserClock
  ) {
    account.changed.connect(() => this.compare());
  }

  get state(): ISteeringState {
    return this.current;
  }

  get changed(): ISignal<ISteering, void> {
    return this.signal;
  }

  soon(cluster: string, wish: Wish): void {
    const entry = this.enter(cluster, wish);
    entry.callOff = this.clock.after(REST, () => this.flush(cluster));
  }

  flush(cluster: string): void {
    const entry = this.entries.get(cluster);
    if (entry && !entry.sent) {
      this.send(cluster, entry).catch(() => undefined); // the state says why
    }
  }

  withdraw(cluster: string): void {
    const entry = this.entries.get(cluster);
    if (entry && !entry.sent) {
      this.drop(cluster, entry);
    }
  }

  ask(cluster: string, wish: Wish): Promise<string> {
    return this.send(cluster, this.enter(cluster, wish));
  }

  async restart(cluster: string): Promise<void> {
    this.restarting.add(cluster);
    this.update();
    try {
      await this.source.restart(cluster);
    } finally {
      this.restarting.delete(cluster);
      this.update();
    }
  }

  private enter(cluster: string, wish: Wish): IEntry {
    this.entries.get(cluster)?.callOff();
    const entry: IEntry = { wish, sent: false, answered: false, callOff: () => undefined };
    this.entries.set(cluster, entry);
    this.errors.delete(cluster);
    this.update();
    return entry;
  }

  private async send(cluster: string, entry: IEntry): Promise<string> {
    entry.callOff();
    entry.sent = true;
    const before = this.turns.get(cluster) ?? Promise.resolve();
    const answer = before.then(() => (this.holds(cluster, entry) ? this.tell(cluster, entry.wish) : ''));
    this.turns.set(
      cluster,
      answer.catch(() => undefined)
    );
    try {
      const said = await answer;
      entry.answered = true;
      this.wait(cluster, entry);
      this.compare();
      return said;
    } catch (cause) {
      const error = toServiceError(cause);
      if (this.holds(cluster, entry)) {
        this.errors.set(cluster, error);
        this.drop(cluster, entry);
      }
      throw error;
    }
  }

  private tell(cluster: string, wish: Wish): Promise<string> {
    if (wish.kind === 'workers') {
      return this.source.scale(cluster, wish.workers);
    }
    const bounds = wish.kind === 'bounds' ? { minimum: wish.minimum, maximum: wish.maximum } : null;
    return this.source.adapt(cluster, bounds);
  }

  /** Give an answered wish up after a while; while nothing is heard of the account, the wish is the newer word. */
  private wait(cluster: string, entry: IEntry): void {
    entry.callOff = this.clock.after(PATIENCE, () => {
      if (this.account.state.phase === 'live') {
        this.drop(cluster, entry);
      } else if (this.holds(cluster, entry)) {
        this.wait(cluster, entry);
      }
    });
  }

  /** Let go of what the account tells by now, and of what is over. */
  private compare(): void {
    const clusters = this.account.state.account?.clusters ?? [];
    for (const [id, entry] of [...this.entries]) {
      const cluster = clusters.find(one => one.id === id);
      const over = cluster?.state === 'stopping' || cluster?.state === 'stopped';
      if (over || (cluster && entry.answered && isTold(entry.wish, cluster))) {
        this.drop(id, entry);
      }
    }
  }

  private holds(cluster: string, entry: IEntry): boolean {
    return this.entries.get(cluster) === entry;
  }

  private drop(cluster: string, entry: IEntry): void {
    entry.callOff();
    if (this.holds(cluster, entry)) {
      this.entries.delete(cluster);
      this.update();
    }
  }

  private update(): void {
    this.current = {
      wishes: new Map([...this.entries].map(([id, { wish }]) => [id, wish])),
      errors: new Map(this.errors),
      restarting: new Set(this.restarting)
    };
    this.signal.emit();
  }
}

/** Return the bounds that the account tells; null: the cluster does not adapt. */
export function boundsOf(
  cluster: Pick<ClusterView, 'adaptive_minimum' | 'adaptive_maximum'>
): IBounds | null {
  const maximum = cluster.adaptive_maximum ?? null;
  return maximum === null ? null : { minimum: cluster.adaptive_minimum ?? 0, maximum };
}

/** Whether the account tells what was wished. */
function isTold(wish: Wish, cluster: ClusterView): boolean {
  const bounds = boundsOf(cluster);
  if (wish.kind === 'bounds') {
    return bounds?.minimum === wish.minimum && bounds.maximum === wish.maximum;
  }
  return bounds === null && (wish.kind === 'fixed' || cluster.wanted === wish.workers);
}
