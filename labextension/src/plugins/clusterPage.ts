/** The pages of clusters: one tab each, opened by a command, and there again after a reload. */

import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, WidgetTracker } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { ClusterTab } from '../clusterPage';
import type { ClusterHistory, ClusterLogs } from '../contract';
import { ClusterPageModel, IClusterSource } from '../model/clusterPage';
import { requestAPI } from '../request';
import { IAccountModel } from '../tokens';
import { CommandIDs, dashboardUrl } from './commands';

/** Opens the page of a cluster. Takes `{cluster: id, name}`; without it it asks. */
export const OPEN_CLUSTER = 'gatehouse:open-cluster';

/** Adds the command, and brings the tabs back. */
export const clusterPagePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-gatehouse:cluster-page',
  description: 'A page for each cluster: its workers as time went by, its logs, its decisions.',
  autoStart: true,
  requires: [IAccountModel],
  optional: [ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const tracker = new WidgetTracker<ClusterTab>({ namespace: 'gatehouse-cluster' });
    app.commands.addCommand(OPEN_CLUSTER, {
      label: trans.__('Open a Cluster: Workers, Logs, Decisions'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            cluster: { type: 'string', description: 'The name of the cluster at the gateway' },
            name: { type: 'string', description: 'What its tab is called until it is known' }
          }
        }
      },
      execute: async ({ cluster, name }) => {
        const id = typeof cluster === 'string' ? cluster : await choose(account, trans);
        if (id === undefined) {
          return;
        }
        const open =
          tracker.find(tab => tab.cluster === id) ??
          newTab(app, account, trans, id, typeof name === 'string' ? name : trans.__('Cluster'));
        if (!tracker.has(open)) {
          void tracker.add(open);
          app.shell.add(open, 'main', { type: 'Gatehouse' });
        }
        app.shell.activateById(open.id);
      }
    });
    palette?.addItem({ command: OPEN_CLUSTER, category: 'Gatehouse' });
    void restorer?.restore(tracker, {
      command: OPEN_CLUSTER,
      args: tab => ({ cluster: tab.cluster, name: tab.title.label }),
      name: tab => tab.cluster
    });
  }
};

function newTab(
  app: JupyterFrontEnd,
  account: IAccountModel,
  trans: TranslationBundle,
  cluster: string,
  name: string
): ClusterTab {
  return new ClusterTab({
    trans,
    account,
    name,
    model: new ClusterPageModel(cluster, account, source(app)),
    actions: {
      dashboard: dashboardUrl,
      onInsertCode: ({ id }) => void app.commands.execute(CommandIDs.insertCode, { cluster: id }),
      onStop: ({ id }) => void app.commands.execute(CommandIDs.stopCluster, { cluster: id })
    }
  });
}

function source(app: JupyterFrontEnd): IClusterSource {
  const { serverSettings } = app.serviceManager;
  const of = (cluster: string): string => `clusters/${encodeURIComponent(cluster)}`;
  return {
    history: cluster => requestAPI<ClusterHistory>(`${of(cluster)}/history`, serverSettings),
    logs: (cluster, name) =>
      requestAPI<ClusterLogs>(
        `${of(cluster)}/logs${URLExt.objectToQueryString(name ? { source: name } : {})}`,
        serverSettings
      )
  };
}

async function choose(account: IAccountModel, trans: TranslationBundle): Promise<string | undefined> {
  const clusters = account.state.account?.clusters ?? [];
  if (clusters.length < 2) {
    return clusters[0]?.id;
  }
  const items = clusters.map(cluster => `${cluster.name || cluster.title} (${cluster.id.slice(0, 8)})`);
  const { value } = await InputDialog.getItem({ title: trans.__('Open a cluster'), items });
  return value === null ? undefined : clusters[items.indexOf(value)]?.id;
}
