/** Every cluster of the person: its state in a mark and a word, its workers and why they are fewer, its cost, its actions. */

import { ReactElement, useState } from 'react';

import { useModel } from '../components/hooks';
import { useTrans } from '../components/translation';
import type { Account, ClusterView } from '../contract';
import type { StartingModel } from '../model/starting';
import { AskedItem } from './Asked';
import { ClusterItem, IClusterActions } from './ClusterItem';
import { NoClusters } from './NoClusters';

interface IClustersProps extends IClusterActions {
  account: Account;
  hours: number;
  staleSince: number | null;
  stopping: ReadonlySet<string>;
  starting: StartingModel;
  /** The group that would be charged. */
  group: string;
  onNew: (group: string) => void;
}

/** The list; of several clusters the first one that runs is open. */
export function Clusters({ account, starting, group, onNew, ...rest }: IClustersProps): ReactElement {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const trans = useTrans();
  const asked = useModel(starting);
  if (account.clusters.length === 0 && asked.length === 0) {
    return <NoClusters group={group} starting={starting} onNew={() => onNew(group)} />;
  }
  const opened = openedByDefault(account.clusters);
  return (
    <ul aria-label={trans.__('Clusters')} className={rest.staleSince === null ? '' : 'gh-stale'}>
      {asked.map(one => (
        <AskedItem key={`asked-${one.key}`} asked={one} onDismiss={key => starting.dismiss(key)} />
      ))}
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
