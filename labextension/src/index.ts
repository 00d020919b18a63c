/** The plugins of Gatehouse: one per capability. */

import { accountPlugin } from './plugins/account';
import { commandsPlugin } from './plugins/commands';
import { newClusterPlugin } from './plugins/newCluster';
import { panelPlugin } from './plugins/panel';
import { statusPlugin } from './plugins/status';

export { IAccountModel, type IAccountState, type Phase } from './tokens';

export default [accountPlugin, commandsPlugin, newClusterPlugin, panelPlugin, statusPlugin];
