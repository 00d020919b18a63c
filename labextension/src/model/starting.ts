/** Clusters on their way: what was asked of the gateway here and is not yet in the account. No DOM, no React. */

import { Token } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

import type { ClusterFields, Offers, Quote, Started, StartRequest } from '../contract';
import { ServiceError, toServiceError } from '../request';
import type { IAccountModel } from '../tokens';

/** What a quote is asked for. */
export interface IWish {
  readonly profile: string;
  readonly workers: number;
  readonly chargeTo: string;
}

/** How the model reaches the server. */
export interface IStartSource {
  readonly offers: () => Promise<Offers>;
  readonly fields: () => Promise<ClusterFields>;
  readonly quote: (wish: IWish) => Promise<Quote>;
  readonly start: (asked: StartRequest) => Promise<Started>;
}

/** A cluster that was asked for. */
export interface IAsked {
  readonly key: number;
  /** What the person calls it, else its profile's title. */
  readonly name: string;
  /** The gateway's name for it, once it was taken. */
  readonly cluster: string | null;
  /** Why it was not taken, where nobody has seen it yet. */
  readonly error: ServiceError | null;
}

/** Starts clusters, and keeps each until the account shows it. */
export class StartingModel {
  private readonly signal = new Signal<StartingModel, void>(this);
  /** The group that the panel charges; empty: none was chosen. */
  preferred = '';
  private current: readonly IAsked[] = [];
  private last = 0;

  constructor(
    readonly source: IStartSource,
    private readonly account: IAccountModel
  ) {
    account.changed.connect(() => this.update(this.current));
  }

  get state(): readonly IAsked[] {
    return this.current;
  }

  get changed(): ISignal<StartingModel, void> {
    return this.signal;
  }

  /**
   * Ask for a cluster; rejects with a `ServiceError`. Where nobody is there to see the refusal any more, it stays
   * among what was asked until it is dismissed.
   */
  async start(asked: StartRequest, name: string, seen: () => boolean): Promise<void> {
    this.last += 1;
    const key = this.last;
    this.update([...this.current, { key, name, cluster: null, error: null }]);
    try {
      const { cluster } = await this.source.start(asked);
      this.change(key, { cluster });
    } catch (cause) {
      const error = toServiceError(cause);
      if (seen()) {
        this.dismiss(key);
      } else {
        this.change(key, { error });
      }
      throw error;
    }
  }

  /** Forget one. */
  dismiss(key: number): void {
    this.update(this.current.filter(one => one.key !== key));
  }

  private change(key: number, change: Partial<IAsked>): void {
    this.update(this.current.map(one => (one.key === key ? { ...one, ...change } : one)));
  }

  private update(next: readonly IAsked[]): void {
    const known = new Set((this.account.state.account?.clusters ?? []).map(cluster => cluster.id));
    const left = next.filter(one => one.cluster === null || !known.has(one.cluster));
    if (left !== this.current && (left.length > 0 || this.current.length > 0)) {
      this.current = left;
      this.signal.emit();
    }
  }
}

/** Provides {@link StartingModel}. */
export const IStarting = new Token<StartingModel>(
  'jupyterlab-gatehouse:IStarting',
  'Clusters that were asked for and are not yet in the account.'
);
