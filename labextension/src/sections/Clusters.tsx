/** Every cluster of the person: its state in a mark and a word, its workers and why they are fewer, its cost, its actions. */

import { ReactElement, useState } from 'react';

import { Icon } from '../components/Icon';
import { useTrans } from '../components/translation';
import type { Account, ClusterView } from '../contract';
import { ClusterItem, IClusterActions } from './ClusterItem';

interface IClustersProps extends IClusterActions {
  account: Account;
  hours: number;
  staleSince: number | null;
  stopping: ReadonlySet<string>;
}

/** The list; of several clusters the first one that runs is open. */
export function Clusters({ account, ...rest }: IClustersProps): ReactElement {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const trans = useTrans();
  if (account.clusters.length === 0) {
    return <NoClusters />;
  }
  const opened = openedByDefault(account.clusters);
  return (
    <ul aria-label={trans.__('Clusters')} className={rest.staleSince === null ? '' : 'gh-stale'}>
      {account.clusters.map(cluster => (
        <ClusterItem
          key={cluster.lease}
          {...rest}
          cluster={cluster}
          currency={account.currency}
          several={account.balances.length > 1}
          stopping={rest.stopping.has(cluster.id)}
          open={chosen[cluster.lease] ?? cluster.lease === opened}
          onToggle={open => setChosen({ ...chosen, [cluster.lease]: open })}
        />
      ))}
    </ul>
  );
}

function openedByDefault(clusters: readonly ClusterView[]): string | undefined {
  return (clusters.find(cluster => cluster.state === 'running') ?? clusters[0])?.lease;
}

function NoClusters(): ReactElement {
  const trans = useTrans();
  return (
    <div className="gh-rows">
      <p>{trans.__('No clusters. In any notebook, this makes one:')}</p>
      <pre className="gh-code gh-example">
        {'from dask_gateway import Gateway\ncluster = Gateway().new_cluster()\ncluster.scale(2)'}
      </pre>
      <p className="gh-note gh-dim">
        <Icon mark="wait" tone="calm" />
        <span>{trans.__('It appears here by itself, with what it costs.')}</span>
      </p>
    </div>
  );
}
