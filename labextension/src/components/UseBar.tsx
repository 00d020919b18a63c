/** What the workers did with the time that was paid for: solid computed, hatched was starting, empty was idle. */

import type { CSSProperties, ReactElement } from 'react';

import type { ClusterView } from '../contract';
import { money } from '../format';
import { useTrans } from './translation';

interface IUseBarProps {
  cluster: ClusterView;
  currency: string;
}

/** The bar with its words, the money of what was not used, and the hint; nothing while nothing is known. */
export function UseBar({ cluster, currency }: IUseBarProps): ReactElement | null {
  const trans = useTrans();
  if (typeof cluster.busy_share !== 'number') {
    return null;
  }
  const parts = [
    { kind: 'solid', share: cluster.busy_share, word: trans._p('share of time', 'busy') },
    { kind: 'hatch', share: cluster.starting_share ?? 0, word: trans._p('share of time', 'starting') },
    { kind: 'empty', share: cluster.idle_share ?? 0, word: trans._p('share of time', 'idle') }
  ].filter(part => part.share > 0);
  const words = parts.map(part => `${percent(part.share)} ${part.word}`).join(', ');
  return (
    <div className="gh-use">
      <div>
        <span className="gh-dim">{trans.__('Workers')}</span> {words}
      </div>
      <div className="gh-stack" role="img" aria-label={trans.__('Time of the workers: %1', words)}>
        {parts.map(part => (
          <i key={part.kind} className={part.kind} style={{ '--n': part.share } as CSSProperties} />
        ))}
      </div>
      {Number(cluster.idle_cost) > 0 && (
        <p className="gh-small">
          {trans.__('Idle and starting workers cost %1.', money(cluster.idle_cost, currency))}
        </p>
      )}
      {cluster.hint && <p className="gh-small">{cluster.hint}</p>}
    </div>
  );
}

/** Write a share as `62 %`; what is there but rounds to nothing as `< 1 %`. */
function percent(share: number): string {
  return share < 0.005 ? '< 1 %' : `${Math.round(share * 100)} %`;
}
