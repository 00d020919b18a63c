/** How components follow models and time. */

import type { ISignal } from '@lumino/signaling';
import { useEffect, useState, useSyncExternalStore } from 'react';

/** What can be followed: an immutable state, and a signal after it was replaced. */
export interface IFollowed<S> {
  readonly state: S;
  readonly changed: ISignal<unknown, void>;
}

/** Return the model's state, now and after every change. */
export function useModel<S>(model: IFollowed<S>): S {
  return useSyncExternalStore(
    call => {
      model.changed.connect(call);
      return () => model.changed.disconnect(call);
    },
    () => model.state
  );
}

/** How often a cost is carried on, in milliseconds: cents need no more, and drawing takes processor time. */
export const COST_STEP = 5_000;

/** Return the time in milliseconds, anew every `step` milliseconds while `active`; nothing runs while it is not. */
export function useNow(active: boolean, step: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) {
      return undefined;
    }
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), step);
    return () => window.clearInterval(timer);
  }, [active, step]);
  return now;
}
