/** The panel in the left sidebar. */

import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ActiveKernel } from '../kernel';
import { openLogin } from '../login';
import type { ISteering } from '../model/steering';
import { IStarting, type StartingModel } from '../model/starting';
import { GatehousePanel, IKept, ViewModel } from '../panel';
import type { IPanelActions } from '../sections/Panel';
import { IAccountModel } from '../tokens';
import { OPEN_CLUSTER } from './clusterPage';
import { CommandIDs, dashboardUrl } from './commands';
import { CONNECT } from './connect';
import { OPEN_COSTS } from './costs';
import { dragCluster } from './drag';
import { addCompareCommand, environmentModel } from './environment';
import { settled } from './focus';
import { NEW_CLUSTER } from './newCluster';
import { translateSettings } from './settings';
import { addPersonCommands } from './person';
import { ISteeringModel, SteerIDs } from './steer';

const ID = 'jupyterlab-gatehouse:panel';

/** Puts the panel into the sidebar and keeps in the settings what is open. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The side panel: cost, clusters, environment.',
  autoStart: true,
  requires: [IAccountModel, ISteeringModel, IStarting],
  optional: [ILayoutRestorer, ISettingRegistry, INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    steering: ISteering,
    starting: StartingModel,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const { kernelspecs: specs, contents } = app.serviceManager;
    const heard = { notebooks, specs, executed: NotebookActions.executed, files: contents.fileChanged };
    const view = new ViewModel(new ActiveKernel(heard));
    translateSettings(registry, ID, trans);
    const save = followSettings(registry, view);
    view.changed.connect(() => (starting.preferred = view.state.chargeTo));
    const environment = environmentModel(app);
    const does = actions(app, save, steering);
    const panel = new GatehousePanel({
      trans,
      account,
      environment,
      starting,
      view,
      actions: does,
      serverName: PageConfig.getOption('hubServerName')
    });
    app.shell.add(panel, 'left', { rank: 900, type: 'Gatehouse' });
    restorer?.add(panel, panel.id);
    addCompareCommand(app, {
      account,
      model: environment,
      trans,
      show: () => {
        app.shell.activateById(panel.id);
        save({ environmentOpen: true });
      }
    });
    app.commands.addCommand(CommandIDs.showPanel, {
      label: trans.__('Show Clusters and Cost'),
      describedBy: { args: null },
      execute: async () => {
        app.shell.activateById(panel.id);
        await settled(); // the palette, if it was that, gives the focus back to the notebook
        panel.activate();
      }
    });
    addPersonCommands(app, {
      account,
      trans,
      chosen: () => view.state.chargeTo,
      onChoose: chargeTo => save({ chargeTo }),
      onLogin: does.onLogin,
      onCopy: does.onCopy
    });
  }
};

function actions(
  app: JupyterFrontEnd,
  save: (kept: Partial<IKept>) => void,
  steering: ISteering
): IPanelActions {
  const hub = PageConfig.getOption('hubPrefix');
  return {
    dashboard: dashboardUrl,
    onInsertCode: ({ id }) => void app.commands.execute(CommandIDs.insertCode, { cluster: id }),
    onOpen: ({ id, name }) =>
      void app.commands.execute(OPEN_CLUSTER, { cluster: id, ...(name ? { name } : {}) }),
    onExtend: ({ lease }, seconds) => void app.commands.execute(CommandIDs.extend, { lease, seconds }),
    steering,
    onConnect: ({ id }) => void app.commands.execute(CONNECT, { cluster: id }),
    onRestart: ({ id }) => void app.commands.execute(SteerIDs.restart, { cluster: id }),
    onDrag: dragCluster,
    onStop: ({ id }) => void app.commands.execute(CommandIDs.stopCluster, { cluster: id }),
    onNew: group => void app.commands.execute(NEW_CLUSTER, { charge_to: group }),
    onCosts: () => void app.commands.execute(OPEN_COSTS),
    onCopy: text => Clipboard.copyToSystem(text),
    onLogin: hub ? openLogin : undefined,
    onHub: () => void window.open(URLExt.join(hub, 'home'), '_blank'),
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
