/** Whether the kernel's packages are the workers': asked when somebody looks, never polled. */

import { ISignal, Signal } from '@lumino/signaling';

import type { EnvironmentComparison } from '../contract';
import { ServiceError, toServiceError } from '../request';

/** What is compared with what. */
export interface IEnvironmentTarget {
  readonly cluster: string;
  readonly kernel: string;
  /** Path of the notebook in front; empty: there is none. */
  readonly notebook: string;
  /** Its cells that import something: another list when it imports something else. */
  readonly sources: readonly string[];
  /** Counts the Python files that were saved: what was compared before may no longer hold. */
  readonly edits: number;
  /** Whether the cluster has workers: it is asked again when the first ones come. */
  readonly hasWorkers: boolean;
}

/** Where the comparison stands. `last` is the newest answer for this cluster and kernel, if there is any. */
export interface IEnvironmentState {
  readonly target: IEnvironmentTarget | null;
  readonly checking: boolean;
  readonly last: EnvironmentComparison | null;
  readonly error: ServiceError | null;
}

/** Asks the server extension. */
export type Compare = (target: IEnvironmentTarget, fresh: boolean) => Promise<EnvironmentComparison>;

const KEYS = ['hasWorkers', 'notebook', 'sources', 'edits'] as const;

/** The comparison of one kernel with one cluster at a time. */
export class EnvironmentModel {
  private readonly signal = new Signal<EnvironmentModel, void>(this);
  private current: IEnvironmentState = { target: null, checking: false, last: null, error: null };

  constructor(private readonly ask: Compare) {}

  get state(): IEnvironmentState {
    return this.current;
  }

  get changed(): ISignal<EnvironmentModel, void> {
    return this.signal;
  }

  /** Compare, unless this is what was compared last. */
  look(target: IEnvironmentTarget): void {
    const before = this.current.target;
    const same = before !== null && before.cluster === target.cluster && before.kernel === target.kernel;
    if (!same || KEYS.some(key => before[key] !== target[key])) {
      void this.compare(target, same ? this.current.last : null, same && before.edits !== target.edits);
    }
  }

  /** Compare again, whatever is known. */
  again(): void {
    if (this.current.target !== null) {
      void this.compare(this.current.target, this.current.last, true);
    }
  }

  private async compare(
    target: IEnvironmentTarget,
    last: EnvironmentComparison | null,
    fresh: boolean
  ): Promise<void> {
    this.update({ target, checking: true, last, error: null });
    let answer: Partial<IEnvironmentState>;
    try {
      answer = { last: await this.ask(target, fresh) };
    } catch (cause) {
      answer = { error: toServiceError(cause) };
    }
    if (this.current.target === target) {
      this.update({ ...this.current, ...answer, checking: false });
    }
  }

  private update(state: IEnvironmentState): void {
    this.current = state;
    this.signal.emit();
  }
}
