/** The person's account: fed by one stream, told to whoever listens. No DOM, no React. */

import { ISignal, Signal } from '@lumino/signaling';

import type { Account } from '../contract';
import { ServiceError } from '../request';
import { browserClock, browserPage, IClock, IPage } from '../stream/clock';
import { needsPerson, StreamConnection } from '../stream/connection';
import type { IServerEvent } from '../stream/parser';
import type { IAccountModel, IAccountState } from '../tokens';

/** How the model reaches the server. */
export interface IAccountSource {
  stream(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  stop(cluster: string): Promise<void>;
  extend(lease: string, seconds: number): Promise<string>;
}

const NOTHING: IAccountState = {
  phase: 'connecting',
  account: null,
  receivedAt: 0,
  heardAt: 0,
  error: null,
  retryAt: null,
  stopping: new Set()
};

/** The account as it changes. Connects when it is started. */
export class AccountModel implements IAccountModel {
  private readonly connection: StreamConnection;
  private readonly signal = new Signal<IAccountModel, void>(this);
  private current = NOTHING;

  constructor(
    private readonly source: IAccountSource,
    private readonly clock: IClock = browserClock,
    page: IPage = browserPage,
    random: () => number = Math.random
  ) {
    this.connection = new StreamConnection({
      open: signal => this.source.stream(signal),
      onEvent: event => this.onEvent(event),
      onConnecting: () => this.update({ retryAt: null }),
      onHeard: () => this.update({ heardAt: this.clock.now() }),
      onLost: (error, retryAt) => this.update({ phase: phaseOf(error), error, retryAt }),
      clock,
      page,
      random
    });
  }

  get state(): IAccountState {
    return this.current;
  }

  get changed(): ISignal<IAccountModel, void> {
    return this.signal;
  }

  start(): void {
    this.connection.connect();
  }

  retry(): void {
    this.connection.connect();
  }

  async stop(cluster: string): Promise<void> {
    this.update({ stopping: new Set([...this.current.stopping, cluster]) });
    try {
      await this.source.stop(cluster);
    } catch (error) {
      this.update({ stopping: without(this.current.stopping, cluster) });
      throw error;
    }
  }

  extend(lease: string, seconds: number): Promise<string> {
    return this.source.extend(lease, seconds);
  }

  dispose(): void {
    this.connection.dispose();
    Signal.clearData(this);
  }

  private onEvent(event: IServerEvent): void {
    if (event.type !== 'account') {
      return;
    }
    const account = JSON.parse(event.data) as Account;
    const running = new Set(
      account.clusters.filter(c => c.state === 'running' || c.state === 'starting').map(c => c.id)
    );
    this.update({
      phase: 'live',
      account,
      receivedAt: this.clock.now(),
      error: null,
      retryAt: null,
      stopping: new Set([...this.current.stopping].filter(id => running.has(id)))
    });
  }

  private update(change: Partial<IAccountState>): void {
    this.current = { ...this.current, ...change };
    this.signal.emit();
  }
}

function phaseOf(error: ServiceError): IAccountState['phase'] {
  if (!needsPerson(error)) {
    return 'away';
  }
  return error.reason === 'login_expired' ? 'expired' : 'refused';
}

function without(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return new Set([...names].filter(other => other !== name));
}
