/** The code that connects a notebook to a running cluster. Pure. */

import type { ClusterView } from './contract';

/** Return the lines that connect to the cluster and make a client, ready to run. */
export function clientCode(cluster: Pick<ClusterView, 'id' | 'name' | 'group_title'>): string {
  const words = oneLine([cluster.name, `charged to ${cluster.group_title}`].filter(Boolean).join(', '));
  return [
    'from dask_gateway import Gateway',
    '',
    `cluster = Gateway().connect(${JSON.stringify(cluster.id)})  # ${words}`,
    'client = cluster.get_client()',
    'client'
  ].join('\n');
}

/** A name may hold anything; a comment must end where its line ends. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
