/** Workers of a cluster: solid runs, hatched is granted and on its way, empty waits. */

import type { CSSProperties, ReactElement } from 'react';

import { useTrans } from './translation';

interface IWorkerBarProps {
  running: number;
  granted: number;
  wanted: number;
}

/** The bar, with its sentence as name. */
export function WorkerBar({ running, granted, wanted }: IWorkerBarProps): ReactElement {
  const trans = useTrans();
  const coming = Math.max(granted - running, 0);
  const waiting = Math.max(wanted - Math.max(granted, running), 0);
  const parts = [
    { kind: 'solid', count: running, words: trans._n('%1 runs', '%1 run', running) },
    { kind: 'hatch', count: coming, words: trans._n('%1 is starting', '%1 are starting', coming) },
    { kind: 'empty', count: waiting, words: trans._n('%1 waits', '%1 wait', waiting) }
  ].filter(part => part.count > 0);
  return (
    <div
      className="gh-stack"
      role="img"
      aria-label={trans.__('Workers: %1', parts.map(part => part.words).join(', '))}
    >
      {parts.map(part => (
        <i key={part.kind} className={part.kind} style={{ '--n': part.count } as CSSProperties} />
      ))}
    </div>
  );
}
