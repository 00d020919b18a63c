/** The page of daily costs in the main area. */

import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  Clipboard,
  ICommandPalette,
  MainAreaWidget,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import type { MonthCosts } from '../contract';
import { CostsWidget } from '../costs';
import { gatehouseIcon } from '../icon';
import { MonthModel } from '../model/months';
import { requestAPI } from '../request';
import { IAccountModel } from '../tokens';

/** Its command. */
export const OPEN_COSTS = 'gatehouse:open-costs';

/** Adds the command; there is one such page at a time, and it is there again after a reload. */
export const costsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-gatehouse:costs',
  description: 'A page with the cost of each day of a month, by cluster and by group.',
  autoStart: true,
  requires: [IAccountModel],
  optional: [ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const tracker = new WidgetTracker<MainAreaWidget<CostsWidget>>({ namespace: 'gatehouse-costs' });
    app.commands.addCommand(OPEN_COSTS, {
      label: trans.__('Show Daily Costs'),
      describedBy: { args: null },
      execute: async () => {
        const page = tracker.currentWidget ?? newPage(app, account, trans);
        if (!tracker.has(page)) {
          await tracker.add(page);
        }
        if (!page.isAttached) {
          app.shell.add(page, 'main', { type: 'Gatehouse' });
        }
        app.shell.activateById(page.id);
        page.content.look();
      }
    });
    palette?.addItem({ command: OPEN_COSTS, category: 'Gatehouse' });
    void restorer?.restore(tracker, { command: OPEN_COSTS, name: () => 'costs' });
  }
};

function newPage(
  app: JupyterFrontEnd,
  account: IAccountModel,
  trans: TranslationBundle
): MainAreaWidget<CostsWidget> {
  const model = new MonthModel(month => {
    const query = month ? URLExt.objectToQueryString({ month }) : '';
    return requestAPI<MonthCosts>(`costs${query}`, app.serviceManager.serverSettings);
  }, account);
  const onCopy = (text: string): void => {
    Clipboard.copyToSystem(text);
    Notification.info(trans.__('The month was copied: paste it into a spreadsheet or a file.'), {
      autoClose: 5000
    });
  };
  const page = new MainAreaWidget({ content: new CostsWidget({ trans, model, onCopy }) });
  page.toolbar.hide(); // it is empty
  page.id = 'gatehouse-costs';
  page.title.label = trans.__('Daily costs');
  page.title.icon = gatehouseIcon;
  page.title.closable = true;
  return page;
}
