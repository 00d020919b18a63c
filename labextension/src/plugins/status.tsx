/** What everything of the person costs per hour, in the status bar. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

import { useModel } from '../components/hooks';
import { clockTime, rate } from '../format';
import { gatehouseIcon } from '../icon';
import { IAccountModel } from '../tokens';
import { CommandIDs } from './commands';

/** Adds the item; a click opens the panel. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-gatehouse:status',
  description: 'A status bar item with the cost per hour of everything that the person runs.',
  autoStart: true,
  requires: [IAccountModel, IStatusBar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    bar: IStatusBar,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const item = ReactWidget.create(
      <BurnRate
        account={account}
        trans={trans}
        onClick={() => void app.commands.execute(CommandIDs.showPanel)}
      />
    );
    bar.registerStatusItem('jupyterlab-gatehouse:burn-rate', {
      item,
      align: 'right',
      rank: 100,
      isActive: () => account.state.account !== null,
      activeStateChanged: account.changed
    });
  }
};

interface IBurnRateProps {
  account: IAccountModel;
  trans: TranslationBundle;
  onClick: () => void;
}

function BurnRate({ account, trans, onClick }: IBurnRateProps): ReactElement | null {
  const { account: known, phase, heardAt } = useModel(account);
  if (known === null) {
    return null;
  }
  const live = phase === 'live' || phase === 'connecting';
  const perHour = rate(known.burn_rate, known.currency);
  const words = live
    ? trans.__('Everything that you run costs %1; show it', perHour)
    : trans.__('At %2 everything that you ran cost %1; show it', perHour, clockTime(heardAt));
  return (
    <button
      type="button"
      className={live ? 'gh-rate' : 'gh-rate gh-rate-stale'}
      title={words}
      aria-label={words}
      onClick={onClick}
    >
      <gatehouseIcon.react tag="span" width="14px" height="14px" />
      {perHour}
    </button>
  );
}
