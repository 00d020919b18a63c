/** What can be done with a cluster that is not over, as a row of buttons. */

import type { ReactElement } from 'react';

import { Button } from '../components/Button';
import { useModel } from '../components/hooks';
import { useTrans } from '../components/translation';
import type { ClusterView } from '../contract';
import type { IClusterActions } from './ClusterItem';

type InPanel = Pick<IClusterActions, 'onOpen' | 'onConnect' | 'onRestart' | 'steering'>;

interface IActionsProps
  extends Pick<IClusterActions, 'dashboard' | 'onInsertCode' | 'onStop'>, Partial<InPanel> {
  cluster: ClusterView;
  stopping: boolean;
}

/** The buttons; those whose action is absent are not there. */
export function Actions({ cluster, stopping, dashboard, ...actions }: IActionsProps): ReactElement {
  const { onInsertCode, onOpen, onConnect, onRestart, steering, onStop } = actions;
  const trans = useTrans();
  const running = cluster.state === 'running';
  const ends = stopping || cluster.state === 'stopping';
  const wait = running ? undefined : trans.__('When the cluster runs');
  return (
    <div
      className="gh-actions"
      role="toolbar"
      aria-label={trans.__('Actions for %1', cluster.name || cluster.title)}
    >
      <Dashboard href={running ? dashboard(cluster) : null} wait={wait} />
      <Button disabled={!running} hint={wait} onClick={() => onInsertCode(cluster)}>
        {trans.__('Insert code')}
      </Button>
      {onOpen && <Button onClick={() => onOpen(cluster)}>{trans.__('Logs')}</Button>}
      {onConnect && (
        <Button
          disabled={!running}
          hint={wait ?? trans.__('Runs this code in the notebook in front')}
          onClick={() => onConnect(cluster)}
        >
          {trans.__('Connect')}
        </Button>
      )}
      {onRestart && steering && (
        <Restart cluster={cluster} steering={steering} wait={wait} onRestart={onRestart} />
      )}
      <Button
        disabled={ends}
        hint={ends ? trans.__('It is stopping') : undefined}
        onClick={() => onStop(cluster)}
      >
        {trans.__('Stop')}
      </Button>
    </div>
  );
}

interface IDashboardProps {
  href: string | null;
  wait: string | undefined;
}

function Dashboard({ href, wait }: IDashboardProps): ReactElement {
  const trans = useTrans();
  return href === null ? (
    <Button
      disabled
      hint={wait ?? trans.__('This server does not know the address of the gateway')}
      onClick={() => undefined}
    >
      {trans.__('Dashboard')}
    </Button>
  ) : (
    <a className="gh-button" href={href} target="_blank" rel="noreferrer">
      {trans.__('Dashboard')}
    </a>
  );
}

interface IRestartProps extends Pick<InPanel, 'onRestart' | 'steering'> {
  cluster: ClusterView;
  wait: string | undefined;
}

function Restart({ cluster, steering, wait, onRestart }: IRestartProps): ReactElement {
  const trans = useTrans();
  const restarting = useModel(steering).restarting.has(cluster.id);
  const none = cluster.running === 0 ? trans.__('It has no workers') : undefined;
  const why = wait ?? (restarting ? trans.__('They are being restarted') : none);
  return (
    <Button disabled={why !== undefined} hint={why} onClick={() => onRestart(cluster)}>
      {trans.__('Restart workers')}
    </Button>
  );
}
