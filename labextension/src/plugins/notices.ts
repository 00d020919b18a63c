/** Notifications: what a person should know although the panel is closed. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import type { Account } from '../contract';
import { Action, INotice, isOver, news } from '../model/notices';
import { Told } from '../model/told';
import { IAccountModel } from '../tokens';
import { CommandIDs } from './commands';
import { OPEN_COSTS } from './costs';
import { translateSettings } from './settings';

const ID = 'jupyterlab-gatehouse:notices';
/** Milliseconds; what has a deadline, and what ended something, stays until the person has seen it. */
const BRIEFLY = 20_000;

/** Tells each thing once per browser, and takes it away when it is over. */
export const noticesPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description:
    'Notifications on budgets, on what ends soon or was ended, on workers taken away and on refused starts.',
  autoStart: true,
  requires: [IAccountModel],
  optional: [ISettingRegistry, ITranslator],
  activate: async (
    app: JupyterFrontEnd,
    account: IAccountModel,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): Promise<void> => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    translateSettings(registry, ID, trans);
    const settings = (await registry?.load(ID)) ?? null;
    const wanted = (notice: INotice): boolean => settings?.composite[notice.kind] !== false;
    const notices = new Notices(app, trans, wanted);
    account.changed.connect(() => notices.follow(account.state.account));
    notices.follow(account.state.account);
  }
};

class Notices {
  private previous: Account | null = null;
  private told: Told | null = null;
  /** Of each notification that is there: what it told. */
  private readonly shown = new Map<string, INotice>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly trans: TranslationBundle,
    private readonly wanted: (notice: INotice) => boolean
  ) {}

  /** Take the next account. The model says the same one again when only the connection changed. */
  follow(next: Account | null): void {
    if (next === null || next === this.previous) {
      return;
    }
    const found = news(this.previous, next, this.trans).filter(this.wanted);
    this.previous = next;
    this.told ??= new Told(next.identity.name);
    this.dismissOver(next);
    void this.told.take(found).then(fresh => fresh.forEach(notice => this.show(notice)));
  }

  private dismissOver(account: Account): void {
    for (const [id, notice] of this.shown) {
      if (isOver(notice, account, this.trans)) {
        Notification.dismiss(id);
        this.shown.delete(id);
      }
    }
  }

  private show(notice: INotice): void {
    const brief = notice.kind === 'cuts' || notice.kind === 'refused';
    const id = Notification.emit(notice.message, notice.tone, {
      autoClose: brief ? BRIEFLY : false,
      actions: notice.actions.map((action, index) => ({
        label: action.label,
        caption: action.do === 'keep' ? action.caption : action.label,
        displayType: index === notice.actions.length - 1 ? 'accent' : 'default',
        callback: () => this.act(action)
      }))
    });
    this.shown.set(id, notice);
  }

  private act(action: Action): void {
    const { commands } = this.app;
    switch (action.do) {
      case 'costs':
        void commands.execute(OPEN_COSTS);
        break;
      case 'keep':
        void commands.execute(CommandIDs.extend, { lease: action.lease, seconds: action.seconds });
        break;
      case 'stop':
        void commands.execute(CommandIDs.stopCluster, { cluster: action.cluster });
        break;
      case 'show':
        void commands.execute(known(commands, 'gatehouse:open-cluster'), { cluster: action.cluster });
        break;
      default:
        void commands.execute(known(commands, 'gatehouse:new-cluster'));
    }
  }
}

/** Return a command that another plugin may have added; without it the panel is shown. */
function known(commands: JupyterFrontEnd['commands'], id: string): string {
  return commands.hasCommand(id) ? id : CommandIDs.showPanel;
}
