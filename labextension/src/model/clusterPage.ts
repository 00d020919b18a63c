/** One cluster alone: its history, asked anew when the account says that it changed; its logs, when somebody asks. */

import { ISignal, Signal } from '@lumino/signaling';

import type { ClusterHistory, ClusterLogs, ClusterView } from '../contract';
import { ServiceError, toServiceError } from '../request';
import { browserClock, browserPage, IClock, IPage } from '../stream/clock';
import type { IAccountModel } from '../tokens';

/** How often logs are asked for while somebody follows them. */
export const FOLLOW_MILLISECONDS = 3000;

/** How a page reaches the server. */
export interface IClusterSource {
  readonly history: (cluster: string) => Promise<ClusterHistory>;
  readonly logs: (cluster: string, source: string) => Promise<ClusterLogs>;
}

/** One answer, or why there is none; the last one stays. */
export interface IAnswer<T> {
  readonly last: T | null;
  readonly error: ServiceError | null;
  readonly asking: boolean;
}

/** Everything known at one moment. */
export interface IClusterPageState {
  readonly visible: boolean;
  readonly history: IAnswer<ClusterHistory>;
  readonly logs: IAnswer<ClusterLogs>;
  /** Whose lines are asked for; empty: everybody's. */
  readonly source: string;
  readonly following: boolean;
}

const NOTHING = { last: null, error: null, asking: false };

/** Asks while it is visible, and never while it is not. */
export class ClusterPageModel {
  private readonly signal = new Signal<ClusterPageModel, void>(this);
  private readonly stops: (() => void)[];
  private current: IClusterPageState;
  private shown = false;
  private told = '';
  private asked = 0;
  private callOff: (() => void) | null = null;

  constructor(
    readonly cluster: string,
    private readonly account: IAccountModel,
    private readonly source: IClusterSource,
    private readonly clock: IClock = browserClock,
    private readonly page: IPage = browserPage
  ) {
    this.current = { visible: false, history: NOTHING, logs: NOTHING, source: '', following: false };
    const look = (): void => this.look();
    account.changed.connect(look);
    this.stops = [page.onChange(look), () => account.changed.disconnect(look)];
  }

  get state(): IClusterPageState {
    return this.current;
  }

  get changed(): ISignal<ClusterPageModel, void> {
    return this.signal;
  }

  /** The cluster as the account tells it; undefined where it no longer does. */
  get view(): ClusterView | undefined {
    return this.account.state.account?.clusters.find(one => one.id === this.cluster);
  }

  /** The tab comes to the front, or goes. */
  show(shown: boolean): void {
    this.shown = shown;
    this.look();
  }

  /** Ask for history and logs once. */
  refresh(): void {
    void this.askHistory();
    void this.askLogs();
  }

  /** Show the lines of one process, or of all. */
  choose(source: string): void {
    this.update({ source });
    void this.askLogs();
  }

  /** Ask for new lines again and again, while the page is visible; or stop that. */
  follow(following: boolean): void {
    this.update({ following });
    this.schedule();
    if (following) {
      void this.askLogs();
    }
  }

  dispose(): void {
    this.callOff?.();
    this.stops.forEach(stop => stop());
    Signal.clearData(this);
  }

  private look(): void {
    const visible = this.shown && this.page.visible;
    if (visible !== this.current.visible) {
      this.update({ visible });
      this.schedule();
    }
    if (!visible) {
      return;
    }
    const told = JSON.stringify([this.account.state.phase === 'live', changing(this.view)]);
    if (told !== this.told) {
      this.told = told;
      void this.askHistory();
    }
    if (this.current.logs === NOTHING) {
      void this.askLogs();
    }
  }

  private schedule(): void {
    this.callOff?.();
    this.callOff = null;
    if (this.current.visible && this.current.following) {
      this.callOff = this.clock.after(FOLLOW_MILLISECONDS, () => {
        void this.askLogs().then(() => this.schedule());
      });
    }
  }

  private async askHistory(): Promise<void> {
    const number = (this.asked += 1);
    this.update({ history: { ...this.current.history, asking: true } });
    const history = await answer(this.current.history, this.source.history(this.cluster));
    if (number === this.asked) {
      this.update({ history });
    }
  }

  private async askLogs(): Promise<void> {
    const { source } = this.current;
    this.update({ logs: { ...this.current.logs, asking: true } });
    const logs = await answer(this.current.logs, this.source.logs(this.cluster, source));
    if (source === this.current.source) {
      this.update({ logs });
    }
  }

  private update(change: Partial<IClusterPageState>): void {
    this.current = { ...this.current, ...change };
    this.signal.emit();
  }
}

async function answer<T>(before: IAnswer<T>, asked: Promise<T>): Promise<IAnswer<T>> {
  try {
    return { last: await asked, error: null, asking: false };
  } catch (cause) {
    return { last: before.last, error: toServiceError(cause), asking: false };
  }
}

/** What of a cluster makes its history worth asking for again. */
function changing(view: ClusterView | undefined): unknown {
  return view && [view.state, view.wanted, view.granted, view.running, view.reason, view.busy_share];
}
