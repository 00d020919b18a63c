/** The person's servers: what each costs, when it stops, and how to keep it. */

import { ReactElement, useId, useState } from 'react';

import { Icon } from '../components/Icon';
import { IdleTime, IKeepActions, Keep } from '../components/Keep';
import { isIdle, Note } from '../components/Note';
import { useTrans } from '../components/translation';
import type { Account, ServerView } from '../contract';
import { money, rate } from '../format';
import { carried } from '../model/carry';

interface IServersProps extends IKeepActions {
  account: Account;
  hours: number;
  staleSince: number | null;
  /** The hub's name of the server that shows this page. */
  own: string;
}

/** One line for each server that is there, this one first; nothing where there is none. */
export function Servers({ account, own, ...rest }: IServersProps): ReactElement | null {
  const trans = useTrans();
  const alive = account.servers.filter(server => server.state !== 'stopped');
  const here = alive.find(server => server.name === own);
  const servers = here ? [here, ...alive.filter(server => server !== here)] : alive;
  if (servers.length === 0) {
    return null;
  }
  return (
    <ul
      aria-label={trans.__('Servers')}
      className={rest.staleSince === null ? 'gh-servers' : 'gh-servers gh-stale'}
    >
      {servers.map(server => (
        <ServerItem
          key={server.lease}
          {...rest}
          server={server}
          name={server === here ? trans.__('This server') : server.name || trans.__('Default server')}
          currency={account.currency}
        />
      ))}
    </ul>
  );
}

interface IServerItemProps extends Omit<IServersProps, 'account' | 'own'> {
  server: ServerView;
  name: string;
  currency: string;
}

function ServerItem({ server, name, ...rest }: IServerItemProps): ReactElement {
  const trans = useTrans();
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <li className="gh-cluster">
      <button
        type="button"
        className="gh-caret"
        aria-expanded={open}
        aria-controls={id}
        aria-label={trans.__('Details of %1', name)}
        onClick={() => setOpen(!open)}
      >
        <Icon mark={open ? 'open' : 'closed'} tone="calm" />
      </button>
      <div>
        <div className="gh-line">
          <span title={server.title}>{name}</span>
          <span className="gh-num gh-v">{rate(server.price_per_hour, rest.currency)}</span>
        </div>
        <Note thing={server} />
        {!open && isIdle(server) && <Keep thing={server} name={name} onExtend={rest.onExtend} />}
        <div id={id} hidden={!open}>
          {open && <Details server={server} name={name} {...rest} />}
        </div>
      </div>
    </li>
  );
}

function Details({ server, name, currency, hours, onExtend }: IServerItemProps): ReactElement {
  const trans = useTrans();
  return (
    <div className="gh-more">
      <p className="gh-small gh-dim">{server.title}</p>
      <p>
        <span className="gh-dim">{trans.__('Cost so far')}</span>{' '}
        <span className="gh-v">{money(carried(server.cost, server.price_per_hour, hours), currency)}</span>
      </p>
      <IdleTime thing={server} />
      <Keep thing={server} name={name} onExtend={onExtend} />
    </div>
  );
}
