/** The comparison of kernel and workers: how it is asked for, and its command. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { EnvironmentComparison, EnvironmentRequest } from '../contract';
import { EnvironmentModel } from '../model/environment';
import { requestAPI } from '../request';
import type { IAccountModel } from '../tokens';

/** Its name. */
export const COMPARE = 'gatehouse:compare-environment';

/** Return a model that asks the server extension. */
export function environmentModel(app: JupyterFrontEnd): EnvironmentModel {
  return new EnvironmentModel(({ cluster, kernel, notebook, sources, hasWorkers }, fresh) => {
    const asked: EnvironmentRequest = {
      kernel,
      notebook,
      sources: [...sources],
      has_workers: hasWorkers,
      fresh
    };
    return requestAPI<EnvironmentComparison>(
      `clusters/${encodeURIComponent(cluster)}/environment`,
      app.serviceManager.serverSettings,
      { method: 'POST', body: JSON.stringify(asked) }
    );
  });
}

interface IContext {
  account: IAccountModel;
  model: EnvironmentModel;
  trans: TranslationBundle;
  /** Bring the section to the front. */
  show: () => void;
}

/** Add it: shows the section, and compares anew what was compared before. */
export function addCompareCommand(app: JupyterFrontEnd, context: IContext): void {
  const { account, model, trans, show } = context;
  app.commands.addCommand(COMPARE, {
    label: trans.__('Compare the Packages of Kernel and Workers'),
    describedBy: { args: null },
    isEnabled: () => (account.state.account?.clusters ?? []).some(cluster => cluster.state === 'running'),
    execute: () => {
      const known = model.state.target !== null;
      show();
      if (known) {
        model.again(); // else the section asks, once it is seen
      }
    }
  });
  account.changed.connect(() => app.commands.notifyCommandChanged(COMPARE));
}
