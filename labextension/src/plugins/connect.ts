/** The command that connects the notebook in front to a cluster: it runs there what "Insert code" inserts. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { clientCode } from '../code';
import type { ClusterView } from '../contract';
import { IAccountModel } from '../tokens';
import { choose, clustersIn } from './commands';

/** Its name. It takes `{cluster: id}`; without it it asks. */
export const CONNECT = 'gatehouse:connect-notebook';

/** Adds the command. */
export const connectPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-gatehouse:connect',
  description: 'Connect the notebook in front to a cluster.',
  autoStart: true,
  requires: [IAccountModel],
  optional: [ICommandPalette, INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const context = { account, notebooks, trans };
    const label = trans.__('Connect This Notebook to a Cluster');
    app.commands.addCommand(CONNECT, {
      label,
      describedBy: {
        args: {
          type: 'object',
          properties: { cluster: { type: 'string', description: 'The name of the cluster at the gateway' } }
        }
      },
      isEnabled: () => clustersIn(context, ['running']).length > 0,
      execute: async args => {
        const cluster = await choose(context, ['running'], label, args.cluster);
        if (cluster) {
          await connect(context, cluster);
        }
      }
    });
    account.changed.connect(() => app.commands.notifyCommandChanged(CONNECT));
    palette?.addItem({ command: CONNECT, category: 'Gatehouse' });
  }
};

interface IContext {
  account: IAccountModel;
  notebooks: INotebookTracker | null;
  trans: TranslationBundle;
}

async function connect({ notebooks, trans }: IContext, cluster: ClusterView): Promise<void> {
  const notebook = notebooks?.currentWidget;
  const name = cluster.name || cluster.title;
  const file = notebook?.title.label ?? '';
  const kernel = notebook?.sessionContext.session?.kernel;
  if (!kernel) {
    const text = notebook
      ? trans.__('%1 has no kernel, so nothing was connected. Choose one, and repeat.', file)
      : trans.__('No notebook is open, so nothing was connected. Open one, and repeat.');
    Notification.warning(text, { autoClose: 5000 });
    return;
  }
  const id = Notification.emit(
    trans.__('Connecting %1 to %2, once its kernel is free.', file, name),
    'in-progress',
    {
      autoClose: false
    }
  );
  const tell = (message: string, type: Notification.TypeOptions): void =>
    void Notification.update({ id, message, type, autoClose: type === 'error' ? false : 5000 });
  try {
    await requirePython(kernel, trans);
    const found = await askKernel(kernel);
    const mine = found?.name === cluster.id;
    if (mine && found.client) {
      tell(trans.__('%1 is connected to %2 already; nothing was run.', file, name), 'info');
    } else if (found && !mine && !(await mayReplace(found, file, trans))) {
      tell(trans.__('%1 was left as it is.', file), 'info');
    } else {
      await run(kernel, mine ? 'client = cluster.get_client()' : clientCode(cluster));
      tell(trans.__('%1 is connected: its variables cluster and client are %2.', file, name), 'success');
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tell(trans.__('%1 was not connected to %2: %3', file, name, why), 'error');
  }
}

async function requirePython(kernel: Kernel.IKernelConnection, trans: TranslationBundle): Promise<void> {
  const { language_info: language } = await kernel.info;
  if (language.name !== 'python') {
    throw new Error(trans.__('its kernel speaks %1, and only Python has Dask.', language.name));
  }
}

/** What a kernel has under the names that connecting sets. */
interface IFound {
  /** What its variable `cluster` is called; `?` where that is no cluster, or there is none. */
  readonly name: string;
  /** Letting go of it stops that cluster: this notebook made it. */
  readonly owns: boolean;
  /** There is a variable `client`. */
  readonly client: boolean;
}

/** Connecting replaces variables, and a cluster ends with the last variable of the notebook that made it. */
async function mayReplace({ owns }: IFound, file: string, trans: TranslationBundle): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Replace cluster and client in %1?', file),
    body: owns
      ? trans.__(
          'Its variable cluster is another cluster, which this notebook made: replacing it stops that one.'
        )
      : trans.__('It has variables of these names that are something else now.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Leave it') }),
      Dialog.warnButton({ label: trans.__('Replace') })
    ],
    defaultButton: 0
  });
  return button.accept;
}

const FOUND =
  "(lambda g, c: f\"{'client' in g} {getattr(c, 'shutdown_on_close', False)} {getattr(c, 'name', '?')}\"" +
  " if g.keys() & {'cluster', 'client'} else '')(globals(), globals().get('cluster'))";

/** Ask the kernel itself: it also knows of code that was run by hand, and forgets with a restart. */
async function askKernel(kernel: Kernel.IKernelConnection): Promise<IFound | null> {
  const reply = await kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    user_expressions: { found: FOUND }
  }).done;
  const { user_expressions: answers } = reply.content as {
    user_expressions?: { found?: { data?: Record<string, string> } };
  };
  const text = answers?.found?.data?.['text/plain'] ?? '';
  const [, client, owns, name] = /^'(True|False) (True|False) (.*)'$/.exec(text) ?? [];
  return name === undefined ? null : { name, owns: owns === 'True', client: client === 'True' };
}

async function run(kernel: Kernel.IKernelConnection, code: string): Promise<void> {
  const { content } = await kernel.requestExecute({ code, store_history: false }).done;
  if (content.status !== 'ok') {
    const { ename, evalue } = content as { ename?: string; evalue?: string };
    throw new Error(ename ? `${ename}: ${evalue ?? ''}` : 'KeyboardInterrupt');
  }
}
