/** Every action as a command, so that palette, shortcuts and other extensions can take it. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  Clipboard,
  Dialog,
  ICommandPalette,
  InputDialog,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { clientCode } from '../code';
import type { ClusterView, State } from '../contract';
import { toServiceError } from '../request';
import { IAccountModel } from '../tokens';
import { COMPARE } from './environment';
import { addExtendCommand, EXTEND } from './extend';
import { CHARGE_TO, COPY_REQUEST, LOG_IN } from './person';

/** Names of the commands. `insertCode`, `openDashboard` and `stopCluster` take `{cluster: id}`; without it they ask. `extend` takes `{lease, seconds}`. */
export const CommandIDs = {
  showPanel: 'gatehouse:show-panel',
  refresh: 'gatehouse:refresh',
  insertCode: 'gatehouse:insert-code',
  openDashboard: 'gatehouse:open-dashboard',
  stopCluster: 'gatehouse:stop-cluster',
  extend: EXTEND,
  compareEnvironment: COMPARE,
  chargeTo: CHARGE_TO,
  logIn: LOG_IN,
  copyRequest: COPY_REQUEST
} as const;

/** Return where a browser finds a cluster's dashboard; null where this server knows no gateway. */
export function dashboardUrl(cluster: Pick<ClusterView, 'id'>): string | null {
  const gateway = PageConfig.getOption('gatehouseGateway');
  return gateway ? `${gateway.replace(/\/+$/, '')}/clusters/${encodeURIComponent(cluster.id)}/status` : null;
}

/** Adds the commands and puts them into the palette. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-gatehouse:commands',
  description: 'Commands on clusters: insert code, open the dashboard, stop; and ask for the figures anew.',
  autoStart: true,
  requires: [IAccountModel],
  optional: [ICommandPalette, INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const context = { account, notebooks, trans };
    const { commands } = app;
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Ask for the Figures Anew'),
      describedBy: { args: null },
      execute: () => account.retry()
    });
    addClusterCommand(
      app,
      context,
      CommandIDs.insertCode,
      trans.__('Insert Code for a Cluster'),
      ['running'],
      insertCode
    );
    addClusterCommand(
      app,
      context,
      CommandIDs.openDashboard,
      trans.__('Open the Dashboard of a Cluster'),
      ['running'],
      openDashboard
    );
    addClusterCommand(
      app,
      context,
      CommandIDs.stopCluster,
      trans.__('Stop a Cluster'),
      ['running', 'starting'],
      stopCluster
    );
    addExtendCommand(app, context);
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: 'Gatehouse' });
    }
  }
};

interface IContext {
  account: IAccountModel;
  notebooks: INotebookTracker | null;
  trans: TranslationBundle;
}

type Act = (context: IContext, cluster: ClusterView) => Promise<void> | void;

function addClusterCommand(
  app: JupyterFrontEnd,
  context: IContext,
  id: string,
  label: string,
  states: readonly State[],
  act: Act
): void {
  app.commands.addCommand(id, {
    label,
    describedBy: {
      args: {
        type: 'object',
        properties: { cluster: { type: 'string', description: 'The name of the cluster at the gateway' } }
      }
    },
    isEnabled: () => clustersIn(context, states).length > 0,
    execute: async args => {
      const cluster = await choose(context, states, label, args.cluster);
      if (cluster) {
        await act(context, cluster);
      }
    }
  });
  context.account.changed.connect(() => app.commands.notifyCommandChanged(id));
}

/** Return the person's clusters in these states. */
export function clustersIn({ account }: Pick<IContext, 'account'>, states: readonly State[]): ClusterView[] {
  return (account.state.account?.clusters ?? []).filter(cluster => states.includes(cluster.state));
}

/** Return the cluster with this name, or the only one, or the one that the person chooses. */
export async function choose(
  context: Pick<IContext, 'account'>,
  states: readonly State[],
  title: string,
  id: unknown
): Promise<ClusterView | undefined> {
  const clusters = clustersIn(context, states);
  if (typeof id === 'string') {
    return clusters.find(cluster => cluster.id === id);
  }
  if (clusters.length < 2) {
    return clusters[0];
  }
  const items = clusters.map(cluster => `${cluster.name || cluster.title} (${cluster.id.slice(0, 8)})`);
  const { value } = await InputDialog.getItem({ title, items });
  return value === null ? undefined : clusters[items.indexOf(value)];
}

function insertCode({ notebooks, trans }: IContext, cluster: ClusterView): void {
  const notebook = notebooks?.currentWidget?.content;
  const code = clientCode(cluster);
  if (!notebook?.model) {
    Clipboard.copyToSystem(code);
    Notification.info(trans.__('No notebook is open, so the code was copied: paste it where you need it.'), {
      autoClose: 5000
    });
    return;
  }
  NotebookActions.insertBelow(notebook);
  NotebookActions.changeCellType(notebook, 'code');
  notebook.activeCell?.model.sharedModel.setSource(code);
}

function openDashboard(_: IContext, cluster: ClusterView): void {
  const url = dashboardUrl(cluster);
  if (url !== null) {
    window.open(url, '_blank', 'noopener');
  }
}

async function stopCluster(context: IContext, cluster: ClusterView): Promise<void> {
  const { account, trans } = context;
  if (cluster.state === 'running' && !(await confirmStop(cluster, trans))) {
    return;
  }
  try {
    await account.stop(cluster.id);
  } catch (cause) {
    const error = toServiceError(cause);
    Notification.error(`${error.message} [${error.reason}]`, { autoClose: false });
  }
}

async function confirmStop(cluster: ClusterView, trans: TranslationBundle): Promise<boolean> {
  const name = cluster.name || cluster.title;
  const { button } = await showDialog({
    title: trans.__('Stop %1?', name),
    body: trans._n(
      'Its %1 worker and its scheduler end now. Results in worker memory are not saved; what runs on them fails.',
      'Its %1 workers and its scheduler end now. Results in worker memory are not saved; what runs on them fails.',
      cluster.running
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep it') }),
      Dialog.warnButton({ label: trans.__('Stop %1', name) })
    ],
    defaultButton: 0
  });
  return button.accept;
}
