/** The plugins of Gatehouse: one per capability. */

import { accountPlugin } from './plugins/account';
import { commandsPlugin } from './plugins/commands';
import { costsPlugin } from './plugins/costs';
import { noticesPlugin } from './plugins/notices';
import { panelPlugin } from './plugins/panel';
import { statusPlugin } from './plugins/status';

export { IAccountModel, type IAccountState, type Phase } from './tokens';

export default [accountPlugin, commandsPlugin, costsPlugin, noticesPlugin, panelPlugin, statusPlugin];
