/** The months of a person, asked for when they are looked at. No DOM, no React. */

import { ISignal, Signal } from '@lumino/signaling';

import type { MonthCosts } from '../contract';
import { ServiceError, toServiceError } from '../request';
import { browserClock, IClock } from '../stream/clock';
import type { IAccountModel } from '../tokens';

/** Milliseconds in which pushed changes ask for the month at most once. */
export const GATHER = 15_000;

/** What is known of the chosen month. */
export interface IMonthState {
  /** `2026-11`; empty: this month. */
  readonly month: string;
  /** The last answer, also while another is awaited. */
  readonly costs: MonthCosts | null;
  readonly asking: boolean;
  readonly error: ServiceError | null;
}

/** How a month is asked for. */
export type AskMonth = (month: string) => Promise<MonthCosts>;

/** Asks when it is shown, when another month is chosen, and when the account was pushed anew. Never by a timer. */
export class MonthModel {
  private readonly signal = new Signal<MonthModel, void>(this);
  private current: IMonthState = { month: '', costs: null, asking: false, error: null };
  private shown = false;
  private askedAt = -Infinity;
  private asked = 0;

  private readonly onAccount = (): void => {
    const { costs, month } = this.current;
    const isThisMonth = month === '' || month === costs?.months[0];
    const due = this.clock.now() - this.askedAt >= GATHER;
    if (this.shown && isThisMonth && due && this.account.state.phase === 'live') {
      void this.refresh();
    }
  };

  constructor(
    private readonly ask: AskMonth,
    private readonly account: IAccountModel,
    private readonly clock: IClock = browserClock
  ) {
    account.changed.connect(this.onAccount);
  }

  get state(): IMonthState {
    return this.current;
  }

  get changed(): ISignal<MonthModel, void> {
    return this.signal;
  }

  /** It is seen, or not any more. */
  show(shown: boolean): void {
    const begins = shown && !this.shown;
    this.shown = shown;
    if (begins) {
      void this.refresh();
    }
  }

  async choose(month: string): Promise<void> {
    this.update({ month });
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const number = (this.asked += 1);
    this.askedAt = this.clock.now();
    this.update({ asking: true });
    try {
      const costs = await this.ask(this.current.month);
      this.answer(number, { costs, error: null });
    } catch (cause) {
      this.answer(number, { error: toServiceError(cause) });
    }
  }

  dispose(): void {
    this.account.changed.disconnect(this.onAccount);
    Signal.clearData(this);
  }

  /** A late answer to an earlier question is dropped. */
  private answer(number: number, change: Partial<IMonthState>): void {
    if (number === this.asked) {
      this.update({ ...change, asking: false });
    }
  }

  private update(change: Partial<IMonthState>): void {
    this.current = { ...this.current, ...change };
    this.signal.emit();
  }
}
