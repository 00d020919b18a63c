/** The command that starts a cluster, with its dialog. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { ClusterFields, Offers, Quote, Started } from '../contract';
import { showNewCluster } from '../dialog';
import { IStarting, IStartSource, StartingModel } from '../model/starting';
import { requestAPI } from '../request';
import { IAccountModel } from '../tokens';

/** Its name. Takes `{charge_to: group}`; without it the first group that offers the profile is charged. */
export const NEW_CLUSTER = 'gatehouse:new-cluster';
/** Takes what was refused out of the panel. */
export const DISMISS = 'gatehouse:dismiss-refused-starts';

/** Adds the command, and provides what was asked for. */
export const newClusterPlugin: JupyterFrontEndPlugin<StartingModel> = {
  id: 'jupyterlab-gatehouse:new-cluster',
  description: 'A dialog that starts a cluster, with its price and what of it would start now.',
  autoStart: true,
  provides: IStarting,
  requires: [IAccountModel],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): StartingModel => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const starting = new StartingModel(source(app), account);
    let open = false;
    app.commands.addCommand(NEW_CLUSTER, {
      label: trans.__('New Cluster'),
      describedBy: {
        args: {
          type: 'object',
          properties: { charge_to: { type: 'string', description: 'The group to charge' } }
        }
      },
      isEnabled: () => (account.state.account?.balances.length ?? 0) > 0,
      execute: async args => {
        if (open) {
          return;
        }
        open = true;
        try {
          const chargeTo = typeof args.charge_to === 'string' ? args.charge_to : starting.preferred;
          await showNewCluster({ trans, starting, account, chargeTo });
        } finally {
          open = false;
        }
      }
    });
    account.changed.connect(() => app.commands.notifyCommandChanged(NEW_CLUSTER));
    const refused = (): number[] => starting.state.filter(one => one.error !== null).map(one => one.key);
    app.commands.addCommand(DISMISS, {
      label: trans.__('Dismiss Refused Starts'),
      describedBy: { args: null },
      isEnabled: () => refused().length > 0,
      execute: () => refused().forEach(key => starting.dismiss(key))
    });
    starting.changed.connect(() => app.commands.notifyCommandChanged(DISMISS));
    for (const command of [NEW_CLUSTER, DISMISS]) {
      palette?.addItem({ command, category: 'Gatehouse' });
    }
    return starting;
  }
};

function source({ serviceManager: { serverSettings } }: JupyterFrontEnd): IStartSource {
  return {
    offers: () => requestAPI<Offers>('offers', serverSettings),
    fields: () => requestAPI<ClusterFields>('options', serverSettings),
    quote: ({ profile, workers, chargeTo }) => {
      const asked = { profile, charge_to: chargeTo, ...(workers ? { workers: String(workers) } : {}) };
      return requestAPI<Quote>(`quote${URLExt.objectToQueryString(asked)}`, serverSettings);
    },
    start: asked =>
      requestAPI<Started>('clusters', serverSettings, { method: 'POST', body: JSON.stringify(asked) })
  };
}
