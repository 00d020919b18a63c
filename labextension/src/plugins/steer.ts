/** Steering clusters: the model for the panel, and the commands. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import type { ClusterView, Steered } from '../contract';
import { boundsOf, ISteering, SteeringModel, Wish } from '../model/steering';
import { requestAPI, toServiceError } from '../request';
import { IAccountModel } from '../tokens';
import { choose, clustersIn } from './commands';

/** Names of the commands. All take `{cluster: id}`; without it they ask. */
export const SteerIDs = {
  scale: 'gatehouse:scale-cluster',
  adapt: 'gatehouse:adapt-cluster',
  restart: 'gatehouse:restart-workers'
} as const;

/** Provides the model that steers. */
export const ISteeringModel = new Token<ISteering>(
  'jupyterlab-gatehouse:ISteering',
  'What the person asks of their clusters: workers, adaptive scaling, new worker processes.'
);

/** Provides the model and adds the commands. */
export const steeringPlugin: JupyterFrontEndPlugin<ISteering> = {
  id: 'jupyterlab-gatehouse:steering',
  description: 'Scale a cluster, let it adapt to its load, restart its workers.',
  autoStart: true,
  provides: ISteeringModel,
  requires: [IAccountModel],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    account: IAccountModel,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): ISteering => {
    const trans = (translator ?? nullTranslator).load('jupyterlab-gatehouse');
    const steering = new SteeringModel(source(app), account);
    const context = { account, trans, steering };
    add(app, context, SteerIDs.scale, trans.__('Scale a Cluster'), SCALE_ARGS, scale);
    add(
      app,
      context,
      SteerIDs.adapt,
      trans.__('Adapt a Cluster to Its Load, or No Longer'),
      ADAPT_ARGS,
      adapt
    );
    add(app, context, SteerIDs.restart, trans.__('Restart the Workers of a Cluster'), {}, restart);
    for (const command of Object.values(SteerIDs)) {
      palette?.addItem({ command, category: 'Gatehouse' });
    }
    return steering;
  }
};

function source(app: JupyterFrontEnd): ConstructorParameters<typeof SteeringModel>[0] {
  const { serverSettings } = app.serviceManager;
  const post = async (cluster: string, verb: string, body: object): Promise<string> => {
    const init = { method: 'POST', body: JSON.stringify(body) };
    const path = `clusters/${encodeURIComponent(cluster)}/${verb}`;
    return (await requestAPI<Steered | undefined>(path, serverSettings, init))?.message ?? '';
  };
  return {
    scale: (cluster, workers) => post(cluster, 'scale', { workers }),
    adapt: (cluster, bounds) => post(cluster, 'adapt', bounds ?? { active: false }),
    restart: async cluster => {
      await post(cluster, 'restart', {});
    }
  };
}

interface IContext {
  account: IAccountModel;
  trans: TranslationBundle;
  steering: ISteering;
}

type Args = Readonly<Record<string, unknown>>;
type Act = (context: IContext, cluster: ClusterView, args: Args) => Promise<string | null>;

const WORKERS = { type: 'integer', minimum: 0 };
const SCALE_ARGS = { workers: { ...WORKERS, description: 'How many it is to have' } };
const ADAPT_ARGS = {
  minimum: { ...WORKERS, description: 'Fewest workers, 0 by default' },
  maximum: { ...WORKERS, description: "Most workers, the profile's most by default" },
  active: { type: 'boolean', description: 'False: no longer adapt' }
};

function add(
  app: JupyterFrontEnd,
  context: IContext,
  id: string,
  label: string,
  properties: Record<string, object>,
  act: Act
): void {
  const cluster = { type: 'string', description: 'The name of the cluster at the gateway' };
  app.commands.addCommand(id, {
    label,
    describedBy: { args: { type: 'object', properties: { cluster, ...properties } } },
    isEnabled: () => clustersIn(context, ['running']).length > 0,
    execute: async args => {
      const chosen = await choose(context, ['running'], label, args.cluster);
      if (chosen) {
        await said(act(context, chosen, args));
      }
    }
  });
  context.account.changed.connect(() => app.commands.notifyCommandChanged(id));
}

/** Tell how it went; null: nothing was done. */
async function said(answer: Promise<string | null>): Promise<void> {
  try {
    const text = await answer;
    if (text !== null) {
      Notification.info(text, { autoClose: 5000 });
    }
  } catch (cause) {
    const error = toServiceError(cause);
    Notification.error(`${error.message} [${error.reason}]`, { autoClose: false });
  }
}

async function scale(
  { steering, trans }: IContext,
  cluster: ClusterView,
  args: Args
): Promise<string | null> {
  const name = cluster.name || cluster.title;
  const title = trans.__('Workers of %1 (0 to %2)', name, cluster.workers_max);
  const workers = number(args.workers) ?? (await askNumber(title, cluster.wanted));
  if (workers === null || !allowed(cluster, trans, workers)) {
    return null;
  }
  const told = await steering.ask(cluster.id, { kind: 'workers', workers });
  return told || trans._n('%2: %1 worker asked for.', '%2: %1 workers asked for.', workers, name);
}

async function adapt(
  { steering, trans }: IContext,
  cluster: ClusterView,
  args: Args
): Promise<string | null> {
  const name = cluster.name || cluster.title;
  const given = number(args.minimum) !== null || number(args.maximum) !== null || args.active === true;
  if (args.active === false || (!given && boundsOf(cluster) !== null)) {
    await steering.ask(cluster.id, { kind: 'fixed' });
    return trans.__('%1 keeps the workers that it has.', name);
  }
  const fewest = trans.__('Fewest workers of %1 (0 to %2)', name, cluster.workers_max);
  const most = trans.__('Most workers of %1 (0 to %2)', name, cluster.workers_max);
  const minimum = given ? (number(args.minimum) ?? 0) : await askNumber(fewest, 0);
  const maximum =
    minimum === null || given
      ? (number(args.maximum) ?? cluster.workers_max)
      : await askNumber(most, Math.max(minimum, cluster.wanted));
  if (minimum === null || maximum === null || !allowed(cluster, trans, minimum, maximum)) {
    return null;
  }
  const wish: Wish = { kind: 'bounds', minimum: Math.min(minimum, maximum), maximum };
  const told = await steering.ask(cluster.id, wish);
  return told || trans.__('%1 follows its load with %2 to %3 workers.', name, wish.minimum, maximum);
}

async function restart({ steering, trans }: IContext, cluster: ClusterView): Promise<string | null> {
  const name = cluster.name || cluster.title;
  const { button } = await showDialog({
    title: trans.__('Restart the workers of %1?', name),
    body: trans._n(
      'Its %1 worker process ends now and a new one starts. Results in worker memory are not saved; what runs on it, and every future of a connected notebook, is cancelled.',
      'Its %1 worker processes end now and new ones start. Results in worker memory are not saved; what runs on them, and every future of a connected notebook, is cancelled.',
      cluster.running
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep them') }),
      Dialog.warnButton({ label: trans.__('Restart workers') })
    ],
    defaultButton: 0
  });
  if (!button.accept) {
    return null;
  }
  await steering.restart(cluster.id);
  return trans.__('The workers of %1 have ended; new ones are starting.', name);
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

async function askNumber(title: string, value: number): Promise<number | null> {
  return (await InputDialog.getNumber({ title, value })).value;
}

/** Whether these are numbers of workers that the cluster may have; says what they may be where not. */
function allowed(cluster: ClusterView, trans: TranslationBundle, ...wished: number[]): boolean {
  const fits = wished.every(n => Number.isInteger(n) && n >= 0 && n <= cluster.workers_max);
  if (!fits) {
    const text = trans.__(
      'Not changed: a cluster of %1 has 0 to %2 workers, a whole number. Choose within. [capped]',
      cluster.title,
      cluster.workers_max
    );
    Notification.error(text, { autoClose: false });
  }
  return fits;
}
