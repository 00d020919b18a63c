/** The plugins of Gatehouse: one per capability. */

import { accountPlugin } from './plugins/account';
import { clusterPagePlugin } from './plugins/clusterPage';
import { commandsPlugin } from './plugins/commands';
import { connectPlugin } from './plugins/connect';
import { newClusterPlugin } from './plugins/newCluster';
import { costsPlugin } from './plugins/costs';
import { focusPlugin } from './plugins/focus';
import { noticesPlugin } from './plugins/notices';
import { panelPlugin } from './plugins/panel';
import { statusPlugin } from './plugins/status';
import { steeringPlugin } from './plugins/steer';

export { IAccountModel, type IAccountState, type Phase } from './tokens';

export default [
  accountPlugin,
  commandsPlugin,
  steeringPlugin,
  connectPlugin,
  costsPlugin,
  noticesPlugin,
  newClusterPlugin,
  clusterPagePlugin,
  panelPlugin,
  statusPlugin,
  focusPlugin
];
