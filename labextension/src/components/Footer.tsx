/** Whether the figures are live. */

import type { ReactElement } from 'react';

import { clockSeconds, clockTime, fullTime } from '../format';
import type { IAccountState } from '../tokens';
import { Icon } from './Icon';
import { useTrans } from './translation';

/** Return in how many seconds the service is asked again; null: not by itself. */
export function secondsToRetry(state: IAccountState, now: number): number | null {
  return state.retryAt === null ? null : Math.max(0, Math.ceil((state.retryAt - now) / 1000));
}

/** One line: the state as a polite announcement, and a time that is not announced. */
export function Footer({ state, now }: { state: IAccountState; now: number }): ReactElement {
  const trans = useTrans();
  const seconds = secondsToRetry(state, now);
  const words = {
    connecting: trans.__('Asking the usage service'),
    live: trans.__('Usage service is live'),
    away: state.heardAt ? trans.__('Away since %1', clockTime(state.heardAt)) : trans.__('Away'),
    expired: trans.__('Login has expired'),
    refused: trans.__('No figures here')
  };
  return (
    <footer className="gh-foot gh-small">
      <span className="gh-state" role="status">
        {state.phase === 'live' && <Icon mark="done" tone="ok" />}
        {state.phase === 'connecting' && <Icon mark="starting" tone="info" />}
        {state.phase !== 'live' && state.phase !== 'connecting' && <Icon mark="away" tone="warn" />}
        {words[state.phase]}
      </span>
      <span className="gh-num gh-dim" title={state.heardAt ? fullTime(state.heardAt) : undefined}>
        {state.phase === 'live' && clockSeconds(state.heardAt)}
        {state.phase !== 'live' && seconds !== null && trans.__('next try in %1 s', seconds)}
      </span>
    </footer>
  );
}
