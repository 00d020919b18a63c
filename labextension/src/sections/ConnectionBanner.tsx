/** That the figures are not live: why, and the way back. */

import type { ReactElement } from 'react';

import { Button } from '../components/Button';
import { secondsToRetry } from '../components/Footer';
import { ReasonCode, Sentence } from '../components/Reason';
import { useTrans } from '../components/translation';
import { clockTime } from '../format';
import type { IAccountState } from '../tokens';
import { Banner } from './Banner';

interface IConnectionBannerProps {
  state: IAccountState;
  now: number;
  onRetry: () => void;
  /** Absent where there is no hub to log in to. */
  onLogin?: (() => void) | undefined;
  onHub: () => void;
}

/** The service is away, the login has expired, or there is nothing to ask. */
export function ConnectionBanner(props: IConnectionBannerProps): ReactElement | null {
  const { phase, error } = props.state;
  if (error === null || phase === 'live' || phase === 'connecting') {
    return null;
  }
  return phase === 'away' ? <Away {...props} /> : <NeedsPerson {...props} />;
}

function Away({ state, now, onRetry }: IConnectionBannerProps): ReactElement {
  const trans = useTrans();
  const seconds = secondsToRetry(state, now);
  const minutes = Math.floor((now - state.heardAt) / 60_000);
  const age =
    minutes < 1 ? trans.__('less than a minute ago') : trans._n('%1 min ago', '%1 min ago', minutes);
  return (
    <Banner mark="away" tone="warn" title={trans.__('Usage service is not answering; what runs goes on.')}>
      <p className="gh-small">
        {state.account && trans.__('Figures are from %1, %2.', clockTime(state.heardAt), age)}{' '}
        {state.error?.status === 0
          ? state.error.message
          : trans.__('New clusters and growth are refused until it answers.')}{' '}
        {state.error && <ReasonCode code={state.error.reason} />}
      </p>
      <div className="gh-buttons">
        <Button onClick={onRetry}>{trans.__('Retry now')}</Button>
        <span className="gh-small gh-dim">
          {seconds === null ? trans.__('asking now') : trans.__('next try in %1 s', seconds)}
        </span>
      </div>
    </Banner>
  );
}

function NeedsPerson(props: IConnectionBannerProps): ReactElement {
  const { state, onRetry, onLogin, onHub } = props;
  const trans = useTrans();
  const sentence = <Sentence text={state.error?.message ?? ''} reason={state.error?.reason ?? null} />;
  const again = <Button onClick={onRetry}>{trans.__('Try again')}</Button>;
  if (state.phase !== 'expired') {
    return (
      <Banner mark="away" tone="calm" title={trans.__('There are no figures here.')}>
        <p className="gh-small">{sentence}</p>
        <div className="gh-buttons">{again}</div>
      </Banner>
    );
  }
  const ofServer = state.error?.status === 401; // the person's own is refused by this server, with 403
  const title = ofServer ? trans.__("This server's login has expired.") : trans.__('Your login has expired.');
  return (
    <Banner mark="person" tone="warn" title={title}>
      <p className="gh-small">{sentence}</p>
      {onLogin && !ofServer && (
        <p className="gh-small">
          {trans.__('The login opens in a new tab; what you have not saved stays in this one.')}
        </p>
      )}
      <div className="gh-buttons">
        {onLogin && (
          <Button primary onClick={ofServer ? onHub : onLogin}>
            {ofServer ? trans.__('Open the hub') : trans.__('Log in again')}
          </Button>
        )}
        {again}
      </div>
    </Banner>
  );
}
