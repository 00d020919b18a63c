/** A live quote: asked when a person has stopped changing what it is about; only the newest answer counts. */

import { ISignal, Signal } from '@lumino/signaling';

import type { Quote } from '../contract';
import { ServiceError, toServiceError } from '../request';
import { browserClock, IClock } from '../stream/clock';
import type { IWish } from './starting';

/** Milliseconds of rest before it is asked. */
export const REST = 300;

/** Where the quote stands. `last` stays while the next one is on its way. */
export interface IQuoteState {
  readonly asking: boolean;
  readonly last: Quote | null;
  readonly error: ServiceError | null;
}

/** Asks for quotes. */
export class QuoteModel {
  private readonly signal = new Signal<QuoteModel, void>(this);
  private current: IQuoteState = { asking: false, last: null, error: null };
  private newest: IWish | null = null;
  private cancel: () => void = () => undefined;

  constructor(
    private readonly ask: (wish: IWish) => Promise<Quote>,
    private readonly clock: IClock = browserClock
  ) {}

  get state(): IQuoteState {
    return this.current;
  }

  get changed(): ISignal<QuoteModel, void> {
    return this.signal;
  }

  /** Ask for this after a rest; null: there is nothing to ask for. */
  look(wish: IWish | null): void {
    this.cancel();
    this.newest = wish;
    if (wish === null) {
      this.update({ asking: false, last: null, error: null });
      return;
    }
    this.update({ ...this.current, asking: true });
    this.cancel = this.clock.after(REST, () => void this.answer(wish));
  }

  /** Nobody looks any more. */
  dispose(): void {
    this.cancel();
    this.newest = null;
    Signal.clearData(this);
  }

  private async answer(wish: IWish): Promise<void> {
    let next: IQuoteState;
    try {
      next = { asking: false, last: await this.ask(wish), error: null };
    } catch (cause) {
      next = { asking: false, last: null, error: toServiceError(cause) };
    }
    if (this.newest === wish) {
      this.update(next);
    }
  }

  private update(state: IQuoteState): void {
    this.current = state;
    this.signal.emit();
  }
}
