/** The command that gives a server or cluster another idle time. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ClusterView, ServerView } from '../contract';
import { duration } from '../format';
import { idleChoices } from '../model/idle';
import { toServiceError } from '../request';
import type { IAccountModel } from '../tokens';

/** Its name. */
export const EXTEND = 'gatehouse:extend';

interface IContext {
  account: IAccountModel;
  trans: TranslationBundle;
}

interface IWish {
  lease: string;
  seconds: number;
}

/** Add it; without arguments it asks what to keep, and for how long. */
export function addExtendCommand(app: JupyterFrontEnd, context: IContext): void {
  const { account, trans } = context;
  app.commands.addCommand(EXTEND, {
    label: trans.__('Keep a Server or Cluster Longer Without Use'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          lease: { type: 'string', description: 'The lease of the server or cluster' },
          seconds: { type: 'number', description: 'The idle time, within the bounds of its profile' }
        }
      }
    },
    isEnabled: () => offered(context).length > 0,
    execute: async ({ lease, seconds }) => {
      const wish =
        typeof lease === 'string' && typeof seconds === 'number' ? { lease, seconds } : await choose(context);
      if (wish) {
        await extend(context, wish);
      }
    }
  });
  account.changed.connect(() => app.commands.notifyCommandChanged(EXTEND));
}

function offered({ account }: IContext): (ServerView | ClusterView)[] {
  const known = account.state.account;
  return [...(known?.servers ?? []), ...(known?.clusters ?? [])].filter(
    thing => idleChoices(thing).length > 0
  );
}

async function choose(context: IContext): Promise<IWish | undefined> {
  const { trans } = context;
  const wishes = offered(context).flatMap(thing =>
    idleChoices(thing).map(seconds => ({
      lease: thing.lease,
      seconds,
      text: trans.__('%1: %2', thing.name || thing.title, duration(seconds))
    }))
  );
  const items = wishes.map(wish => wish.text);
  const { value } = await InputDialog.getItem({ title: trans.__('Keep without use for'), items });
  return value === null ? undefined : wishes[items.indexOf(value)];
}

async function extend({ account }: IContext, { lease, seconds }: IWish): Promise<void> {
  try {
    Notification.success(await account.extend(lease, seconds), { autoClose: 5000 });
  } catch (cause) {
    const error = toServiceError(cause);
    Notification.error(`${error.message} [${error.reason}]`, { autoClose: false });
  }
}
