/** What other extensions may use: the person's account as it changes. */

import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Account } from './contract';
import type { ServiceError } from './request';

/**
 * How the account is known: `connecting` before the first answer, `live`, `away` (asked again by itself),
 * `expired` (log in again) or `refused` (there is no service to ask, or not for this person); the last two wait for the
 * person.
 */
export type Phase = 'connecting' | 'live' | 'away' | 'expired' | 'refused';

/** Everything known at one moment. A new object at every change. Times are the browser's, in milliseconds. */
export interface IAccountState {
  readonly phase: Phase;
  /** The last account that was received; it stays when the service goes away. */
  readonly account: Account | null;
  /** When `account` was received: its cost is carried on from here. */
  readonly receivedAt: number;
  /** When the service was last heard, by an account or a sign of life. */
  readonly heardAt: number;
  /** Why it is not live. */
  readonly error: ServiceError | null;
  /** When it is asked again by itself; null: not by itself. */
  readonly retryAt: number | null;
  /** Clusters whose stop was asked for here and is not yet in the account. */
  readonly stopping: ReadonlySet<string>;
}

/** The account of the person, pushed by the service. */
export interface IAccountModel {
  /** What is known now. */
  readonly state: IAccountState;
  /** Emitted after `state` was replaced. */
  readonly changed: ISignal<IAccountModel, void>;
  /** Ask again at once. */
  retry(): void;
  /** Stop a cluster; rejects with a `ServiceError`. */
  stop(cluster: string): Promise<void>;
  /** Choose another idle time for a lease; what the service says of it. Rejects with a `ServiceError`. */
  extend(lease: string, seconds: number): Promise<string>;
}

/** Provides {@link IAccountModel}. */
export const IAccountModel = new Token<IAccountModel>(
  'jupyterlab-gatehouse:IAccountModel',
  'What the person runs and what it costs, pushed by the Gatehouse service.'
);
