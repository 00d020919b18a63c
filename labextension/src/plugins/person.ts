/** The commands of the panel's head, banners and empty states: whom to charge, log in again, ask for a group. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { accessRequest } from '../sections/NoGroup';
import type { IAccountModel } from '../tokens';

/** Its name. It takes `{group}`; without it it asks. */
export const CHARGE_TO = 'gatehouse:charge-to';
/** Its name. */
export const LOG_IN = 'gatehouse:log-in';
/** Its name. */
export const COPY_REQUEST = 'gatehouse:copy-access-request';

interface IContext {
  account: IAccountModel;
  trans: TranslationBundle;
  /** The group that is charged now; empty: the first. */
  chosen: () => string;
  onChoose: (group: string) => void;
  /** Absent where there is no hub to log in to. */
  onLogin: (() => void) | undefined;
  onCopy: (text: string) => void;
}

/** Add them. */
export function addPersonCommands(app: JupyterFrontEnd, context: IContext): void {
  const { account, trans, onChoose, onLogin, onCopy } = context;
  app.commands.addCommand(CHARGE_TO, {
    label: trans.__('Choose the Group to Charge'),
    describedBy: {
      args: { type: 'object', properties: { group: { type: 'string', description: 'Its name' } } }
    },
    isEnabled: () => (account.state.account?.balances.length ?? 0) > 1,
    execute: async ({ group }) => {
      const chosen = typeof group === 'string' ? group : await choose(context);
      if (chosen !== undefined) {
        onChoose(chosen);
      }
    }
  });
  app.commands.addCommand(LOG_IN, {
    label: trans.__('Log In Again'),
    describedBy: { args: null },
    isEnabled: () => account.state.phase === 'expired' && onLogin !== undefined,
    execute: () => onLogin?.()
  });
  app.commands.addCommand(COPY_REQUEST, {
    label: trans.__('Copy a Request for Access'),
    describedBy: { args: null },
    isEnabled: () => account.state.account?.balances.length === 0,
    execute: () => {
      if (account.state.account) {
        onCopy(accessRequest(account.state.account, trans));
        Notification.info(trans.__('The request was copied: send it to whoever is named in the panel.'), {
          autoClose: 5000
        });
      }
    }
  });
  const ids = [CHARGE_TO, LOG_IN, COPY_REQUEST];
  account.changed.connect(() => ids.forEach(id => app.commands.notifyCommandChanged(id)));
}

async function choose({ account, trans, chosen }: IContext): Promise<string | undefined> {
  const balances = account.state.account?.balances ?? [];
  const items = balances.map(({ title }) => title);
  const current = Math.max(
    0,
    balances.findIndex(({ group }) => group === chosen())
  );
  const { value } = await InputDialog.getItem({ title: trans.__('Charge to'), items, current });
  return value === null ? undefined : balances[items.indexOf(value)]?.group;
}
