/** Logged in, but in no group that the policy knows: who one is, and whom to ask. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactElement, useState } from 'react';

import { Button } from '../components/Button';
import { Icon } from '../components/Icon';
import { ReasonCode } from '../components/Reason';
import { useTrans } from '../components/translation';
import type { Account } from '../contract';

interface INoGroupProps {
  account: Account;
  onCopy: (text: string) => void;
  onRetry: () => void;
}

/** In place of money and clusters. */
export function NoGroup({ account, onCopy, onRetry }: INoGroupProps): ReactElement {
  const trans = useTrans();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    onCopy(accessRequest(account, trans));
    setCopied(true);
  };
  return (
    <>
      <div className="gh-banner" role="alert">
        <Icon mark="person" tone="calm" />
        <div>
          <p className="gh-strong">{trans.__('You are logged in, but no group of yours may start work.')}</p>
          <p>
            {trans.__('Your notebook runs. Clusters and budgets come with a group.')}{' '}
            <ReasonCode code="no_group" />
          </p>
        </div>
      </div>
      <Facts account={account} />
      <section className="gh-section gh-block gh-todo" aria-label={trans.__('What to do')}>
        <p className="gh-strong">{trans.__('What to do')}</p>
        <p>
          {trans.__(
            'Ask %1 to be put into a group, or to have a group of yours added to the policy.',
            account.contact
          )}
        </p>
        <div className="gh-buttons">
          <Button primary onClick={copy}>
            {copied ? trans.__('Copied') : trans.__('Copy request')}
          </Button>
          <Button onClick={onRetry}>{trans.__('Check again')}</Button>
        </div>
      </section>
    </>
  );
}

/** What a person without a group sends to whoever looks after the policy. */
export function accessRequest({ identity, group_titles }: Account, trans: TranslationBundle): string {
  const sent = identity.groups.length > 0 ? identity.groups.join(', ') : trans.__('none');
  return trans.__(
    'Please give me access to Dask clusters. User: %1. Groups that the login sends: %2. Groups with access: %3.',
    identity.name,
    sent,
    group_titles.join(', ')
  );
}

function Facts({ account }: { account: Account }): ReactElement {
  const trans = useTrans();
  const { name, groups } = account.identity;
  return (
    <section className="gh-block" aria-label={trans.__('Who you are')}>
      <dl className="gh-kv text">
        <dt>{trans.__('You')}</dt>
        <dd>{name}</dd>
        <dt>{trans.__('Groups sent')}</dt>
        <dd>{groups.length > 0 ? groups.map(group => <div key={group}>{group}</div>) : trans.__('none')}</dd>
        <dt>{trans.__('In policy')}</dt>
        <dd>
          {account.group_titles.length > 0 ? account.group_titles.join(', ') : trans.__('no groups yet')}
        </dd>
      </dl>
    </section>
  );
}
