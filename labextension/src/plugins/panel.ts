/** The panel in the left sidebar. */

import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { EnvironmentComparison } from '../contract';
import { ActiveKernel } from '../kernel';
import { EnvironmentModel } from '../model/environment';
import { GatehousePanel, IKept, ViewModel } from '../panel';
import { requestAPI } from '../request';
import type { IPanelActions } from '../sections/Panel';
import { IAccountModel } from '../tokens';
import { CommandIDs, dashboardUrl } from './commands';
import { OPEN_COSTS } from './costs';

const ID = 'jupyterlab-gatehouse:panel';

/** Puts the panel into the sidebar and keeps in the settings what is open. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The side panel: cost, clusters, environment.',
  autoStart: true,
  requires: [IAccountModel],
  optional: [ILayoutRestorer, ISettingRegistry, INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const view = new ViewModel(new ActiveKernel(notebooks, app.serviceManager.kernelspecs));
    const save = followSettings(registry, view);
    const panel = new GatehousePanel({
      trans,
      account,
      environment: environmentModel(app),
      view,
      actions: actions(app, save),
      serverName: PageConfig.getOption('hubServerName')
    });
    app.shell.add(panel, 'left', { rank: 900, type: 'Gatehouse' });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(CommandIDs.showPanel, {
      label: trans.__('Show Clusters and Cost'),
      describedBy: { args: null },
      execute: () => app.shell.activateById(panel.id)
    });
  }
};

function environmentModel(app: JupyterFrontEnd): EnvironmentModel {
  return new EnvironmentModel(({ cluster, kernel }, fresh) => {
    const query = URLExt.objectToQueryString({ kernel, ...(fresh ? { fresh: '1' } : {}) });
    const path = `clusters/${encodeURIComponent(cluster)}/environment${query}`;
    return requestAPI<EnvironmentComparison>(path, app.serviceManager.serverSettings);
  });
}

function actions(app: JupyterFrontEnd, save: (kept: Partial<IKept>) => void): IPanelActions {
  const hub = PageConfig.getOption('hubPrefix');
  return {
    dashboard: dashboardUrl,
    onInsertCode: ({ id }) => void app.commands.execute(CommandIDs.insertCode, { cluster: id }),
    onExtend: ({ lease }, seconds) => void app.commands.execute(CommandIDs.extend, { lease, seconds }),
    onStop: ({ id }) => void app.commands.execute(CommandIDs.stopCluster, { cluster: id }),
    onCosts: () => void app.commands.execute(OPEN_COSTS),
    onCopy: text => Clipboard.copyToSystem(text),
    onLogin: hub
      ? () =>
          window.location.assign(
            `${URLExt.join(hub, 'login')}?next=${encodeURIComponent(window.location.pathname)}`
          )
      : undefined,
    onView: save
  };
}

/** Follow the settings; return how to change them. Without a registry the view lives as long as the page. */
function followSettings(registry: ISettingRegistry | null, view: ViewModel): (kept: Partial<IKept>) => void {
  let settings: ISettingRegistry.ISettings | null = null;
  const read = (): void => view.keep(settings?.composite ?? {});
  void registry?.load(ID).then(loaded => {
    settings = loaded;
    settings.changed.connect(read);
    read();
  });
  return kept => {
    view.keep(kept);
    for (const [key, value] of Object.entries(kept)) {
      void settings?.set(key, value);
    }
  };
}
