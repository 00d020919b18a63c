/** Time and the page, passed in so that tests can turn them. */

/** The browser's time and timers. */
export interface IClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Call once after some milliseconds; returns how to call it off. */
  after(milliseconds: number, call: () => void): () => void;
}

/** Whether anybody can see this browser tab. */
export interface IPage {
  readonly visible: boolean;
  /** Call whenever `visible` has changed; returns how to stop that. */
  onChange(call: () => void): () => void;
}

/** The real time. */
export const browserClock: IClock = {
  now: () => Date.now(),
  after: (milliseconds, call) => {
    const timer = window.setTimeout(call, milliseconds);
    return () => window.clearTimeout(timer);
  }
};

/** The real page. */
export const browserPage: IPage = {
  get visible() {
    return document.visibilityState === 'visible';
  },
  onChange: call => {
    document.addEventListener('visibilitychange', call);
    return () => document.removeEventListener('visibilitychange', call);
  }
};
