/** A login in a tab of its own, so that this one keeps what is not saved; and how this one hears that it is done. */

import { PageConfig, URLExt } from '@jupyterlab/coreutils';

/** The name is that of `server_ext/handlers/logged_in.py`. */
const CHANNEL = 'jupyterlab-gatehouse:logged-in';

/** Open a page of this server that needs a login: the hub asks for it first where there is none. */
export function openLogin(): void {
  window.open(URLExt.join(PageConfig.getBaseUrl(), 'gatehouse', 'logged-in'), '_blank');
}

/** Call whenever somebody has logged in again in another tab. */
export function onLoggedIn(call: () => void): void {
  new BroadcastChannel(CHANNEL).addEventListener('message', call);
}
