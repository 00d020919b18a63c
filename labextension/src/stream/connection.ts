/**
 * One stream, kept open while somebody can see the tab: read, and reconnect with growing pauses.
 *
 * A hidden tab holds no stream, starts no timer and asks nothing: a browser allows six connections to one server, and ten
 * forgotten tabs would block the eleventh. When a tab is seen again it connects at once, also after a laptop slept or the
 * person logged in elsewhere.
 */

import { ServiceError, toServiceError } from '../request';
import { IClock, IPage } from './clock';
import { EventParser, IServerEvent } from './parser';

/** Pauses before the next try, in seconds; the last one repeats. */
export const PAUSES: readonly number[] = [1, 2, 4, 8, 15, 30, 60];
/** The service sends a comment every 15 s; a stream that misses three of them is dead. */
export const SILENCE = 50_000;

const ENDED = new ServiceError(
  503,
  'service_unavailable',
  'The usage service is not answering. What runs goes on.'
);

/** What the connection needs, and whom it tells. */
export interface IConnectionOptions {
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  onEvent(event: IServerEvent): void;
  /** It is being opened. */
  onConnecting(): void;
  /** Something was heard, if only a comment. */
  onHeard(): void;
  /** It broke. `retryAt` is null where only the person can help. */
  onLost(error: ServiceError, retryAt: number | null): void;
  clock: IClock;
  page: IPage;
  /** From 0 to 1: spreads the tries of many tabs. */
  random(): number;
}

/** Keeps one stream open until it is disposed. */
export class StreamConnection {
  private current: AbortController | null = null;
  private failures = 0;
  private heardAt = 0;
  private cancelTimer: () => void = () => undefined;
  private readonly unwatch: () => void;

  constructor(private readonly options: IConnectionOptions) {
    this.unwatch = options.page.onChange(() => this.onVisibility());
  }

  /** Open the stream now, whatever was before; in a hidden tab, as soon as it is seen. */
  connect(): void {
    this.close();
    if (!this.options.page.visible) {
      return;
    }
    const attempt = new AbortController();
    this.current = attempt;
    this.heardAt = this.options.clock.now();
    this.options.onConnecting();
    this.watchSilence(attempt);
    void this.read(attempt);
  }

  dispose(): void {
    this.unwatch();
    this.close();
  }

  private close(): void {
    this.cancelTimer();
    this.current?.abort();
    this.current = null;
  }

  private async read(attempt: AbortController): Promise<void> {
    try {
      const reader = (await this.options.open(attempt.signal)).getReader();
      const decoder = new TextDecoder();
      const parser = new EventParser();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        if (this.current !== attempt) {
          return;
        }
        this.heard(parser.push(decoder.decode(piece.value, { stream: true })));
      }
      this.fail(attempt, ENDED); // this server closed it in good order: it is the service behind it that went away
    } catch (cause) {
      this.fail(attempt, toServiceError(cause));
    }
  }

  private heard(events: IServerEvent[]): void {
    this.heardAt = this.options.clock.now();
    this.failures = 0;
    this.options.onHeard();
    events.forEach(event => this.options.onEvent(event));
  }

  private fail(attempt: AbortController, error: ServiceError): void {
    if (this.current !== attempt) {
      return;
    }
    this.close();
    this.plan(error);
  }

  private plan(error: ServiceError): void {
    if (!needsPerson(error)) {
      const pause =
        (PAUSES[Math.min(this.failures, PAUSES.length - 1)] ?? 60) * (800 + 400 * this.options.random());
      this.failures += 1;
      this.cancelTimer = this.options.clock.after(pause, () => this.connect());
      this.options.onLost(error, this.options.clock.now() + pause);
    } else {
      this.options.onLost(error, null);
    }
  }

  private watchSilence(attempt: AbortController): void {
    const left = this.heardAt + SILENCE - this.options.clock.now();
    this.cancelTimer = this.options.clock.after(Math.max(left, 0), () => {
      if (this.options.clock.now() - this.heardAt >= SILENCE) {
        this.fail(attempt, ENDED);
      } else {
        this.watchSilence(attempt);
      }
    });
  }

  private onVisibility(): void {
    if (this.options.page.visible) {
      this.connect();
    } else {
      this.close();
    }
  }
}

/** Whether asking again by itself is of no use: the login has expired, or there is no service to ask. */
export function needsPerson(error: ServiceError): boolean {
  return error.reason === 'login_expired' || error.reason === 'not_found' || error.reason === 'forbidden';
}
