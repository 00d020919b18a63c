/** Provides the person's account to every other plugin. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import type { Extended } from '../contract';
import { onLoggedIn } from '../login';
import { AccountModel } from '../model/account';
import { openStream, requestAPI } from '../request';
import { IAccountModel } from '../tokens';

/** Opens one stream for the browser tab once Lab is there. */
export const accountPlugin: JupyterFrontEndPlugin<IAccountModel> = {
  id: 'jupyterlab-gatehouse:account',
  description: 'Provides what the person runs and what it costs, pushed by the Gatehouse service.',
  autoStart: true,
  provides: IAccountModel,
  activate: (app: JupyterFrontEnd): IAccountModel => {
    const { serverSettings } = app.serviceManager;
    const model = new AccountModel({
      stream: signal => openStream('stream', serverSettings, signal),
      stop: cluster =>
        requestAPI(`clusters/${encodeURIComponent(cluster)}/stop`, serverSettings, { method: 'POST' }),
      extend: async (lease, seconds) => {
        const body = JSON.stringify({ lease, idle_seconds: seconds });
        return (await requestAPI<Extended>('extend', serverSettings, { method: 'POST', body })).message;
      }
    });
    void app.restored.then(() => model.start());
    onLoggedIn(() => {
      if (model.state.phase === 'expired') {
        model.retry();
      }
    });
    return model;
  }
};
