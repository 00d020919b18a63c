/** One cluster of the list. */

import { ReactElement, useId } from 'react';

import { Button } from '../components/Button';
import { Icon, Mark, Tone } from '../components/Icon';
import { IdleTime, IKeepActions, Keep } from '../components/Keep';
import { onceDragged } from '../components/dragging';
import { isIdle, Note } from '../components/Note';
import { useTrans } from '../components/translation';
import { UseBar } from '../components/UseBar';
import { WorkerBar } from '../components/WorkerBar';
import type { ClusterView, State } from '../contract';
import { clockTime, fullTime, money, rate } from '../format';
import { carried } from '../model/carry';
import type { ISteering } from '../model/steering';
import { Actions } from './ClusterActions';
import { Steer } from './Steer';

/** What a person can do with a cluster. */
export interface IClusterActions extends IKeepActions {
  /** Where its dashboard is; null where no gateway address is known. */
  dashboard: (cluster: ClusterView) => string | null;
  onInsertCode: (cluster: ClusterView) => void;
  steering: ISteering;
  onConnect: (cluster: ClusterView) => void;
  onRestart: (cluster: ClusterView) => void;
  /** The pointer drags the cluster, and is at this point of the page. */
  onDrag: (cluster: ClusterView, x: number, y: number) => void;
  onStop: (cluster: ClusterView) => void;
  /** Show its own page, with its logs. */
  onOpen: (cluster: ClusterView) => void;
}

interface IClusterItemProps extends IClusterActions {
  cluster: ClusterView;
  currency: string;
  /** How long the cost is carried on. */
  hours: number;
  staleSince: number | null;
  /** A stop was asked for here. */
  stopping: boolean;
  /** The person has several groups, so it is worth saying which one is charged. */
  several: boolean;
  open: boolean;
  onToggle: (open: boolean) => void;
}

/** The mark of each state. */
export const MARKS: Readonly<Record<State, { mark: Mark; tone: Tone }>> = {
  starting: { mark: 'starting', tone: 'info' },
  running: { mark: 'running', tone: 'ok' },
  stopping: { mark: 'down', tone: 'warn' },
  stopped: { mark: 'paused', tone: 'calm' }
};

/** Name, rate, state and workers in two lines; everything else below the caret. */
export function ClusterItem(props: IClusterItemProps): ReactElement {
  const { cluster, open, onToggle } = props;
  const trans = useTrans();
  const id = useId();
  const name = cluster.name || cluster.title;
  return (
    <li className="gh-cluster">
      <button
        type="button"
        className="gh-caret"
        aria-expanded={open}
        aria-controls={id}
        aria-label={trans.__('Details of %1', name)}
        onClick={() => onToggle(!open)}
      >
        <Icon mark={open ? 'open' : 'closed'} tone="calm" />
      </button>
      <div>
        <div className="gh-line">
          <Name {...props} />
          <span className="gh-num gh-v">{moneyNow(props, trans)}</span>
        </div>
        <StateLine {...props} />
        {open && cluster.state !== 'stopped' && Math.max(cluster.wanted, cluster.running) > 0 && (
          <WorkerBar {...cluster} />
        )}
        <Note thing={cluster} />
        {!open && isIdle(cluster) && <Keep thing={cluster} name={name} onExtend={props.onExtend} />}
        <div id={id} hidden={!open}>
          {open && <Details {...props} />}
        </div>
      </div>
    </li>
  );
}

/** What the person calls it: a click opens its page; while it runs it can be dragged into a notebook. */
function Name({
  cluster,
  onDrag,
  onOpen
}: Pick<IClusterItemProps, 'cluster' | 'onDrag' | 'onOpen'>): ReactElement {
  const trans = useTrans();
  const name = cluster.name || cluster.title;
  const drags = cluster.state === 'running';
  const words = trans.__('Open the page of %1 (%2)', name, cluster.id);
  return (
    <button
      type="button"
      className={drags ? 'gh-link gh-strong gh-grab' : 'gh-link gh-strong'}
      title={drags ? trans.__('%1, or drag it into a notebook to connect', words) : words}
      onPointerDown={drags ? press => onceDragged(press, (x, y) => onDrag(cluster, x, y)) : undefined}
      onClick={() => onOpen(cluster)}
    >
      {name}
    </button>
  );
}

/** The rate while it runs; afterwards what it cost in all. */
function moneyNow({ cluster, currency }: IClusterItemProps, trans: ReturnType<typeof useTrans>): string {
  return cluster.state === 'stopped'
    ? trans.__('%1 in all', money(cluster.cost, currency))
    : rate(cluster.price_per_hour, currency);
}

function StateLine({ cluster, staleSince, stopping }: IClusterItemProps): ReactElement {
  const trans = useTrans();
  const state = stopping ? 'stopping' : cluster.state;
  const words = {
    starting: trans.__('starting'),
    running: trans.__('running'),
    stopping: trans.__('stopping'),
    stopped: cluster.ended_at ? trans.__('stopped at %1', clockTime(cluster.ended_at)) : trans.__('stopped')
  };
  const stale = staleSince !== null && state !== 'stopped';
  const { mark, tone } = stale ? { mark: 'wait' as const, tone: 'calm' as const } : MARKS[state];
  return (
    <div className="gh-line wrap">
      <span
        className="gh-state"
        title={cluster.started_at ? trans.__('since %1', fullTime(cluster.started_at)) : undefined}
      >
        <Icon mark={mark} tone={tone} />
        <span className="gh-v">
          {stale ? trans.__('%1 at %2', words[state], clockTime(staleSince)) : words[state]}
        </span>
      </span>
      {state !== 'stopped' && <span className="gh-num gh-dim gh-v">{workers(cluster, trans)}</span>}
    </div>
  );
}

function workers(cluster: ClusterView, trans: ReturnType<typeof useTrans>): string {
  if (cluster.state === 'stopping') {
    return trans._n('%1 worker left', '%1 workers left', cluster.running);
  }
  if (cluster.wanted <= cluster.running) {
    return trans._n('%1 worker', '%1 workers', cluster.running);
  }
  return trans.__('%1 of %2 workers', cluster.running, cluster.wanted);
}

function Details({
  cluster,
  currency,
  hours,
  several,
  staleSince,
  stopping,
  ...actions
}: IClusterItemProps): ReactElement {
  const trans = useTrans();
  const ended = cluster.state === 'stopped';
  return (
    <div className="gh-more">
      {!ended && !stopping && cluster.state !== 'stopping' && (
        <Steer cluster={cluster} steering={actions.steering} />
      )}
      <div className="gh-line">
        <span>
          <span className="gh-dim">{ended ? trans.__('Cost') : trans.__('Cost so far')}</span>{' '}
          <span className="gh-v">
            {money(carried(cluster.cost, cluster.price_per_hour, hours), currency)}
          </span>
        </span>
        {several && <span className="gh-num gh-dim">{cluster.group_title}</span>}
      </div>
      <UseBar cluster={cluster} currency={currency} />
      {staleSince !== null && !ended && (
        <p className="gh-small">
          {trans.__('Stop and dashboard still work: they do not need the usage service.')}
        </p>
      )}
      <IdleTime thing={cluster} />
      <Keep thing={cluster} name={cluster.name || cluster.title} onExtend={actions.onExtend} />
      {ended ? (
        <div className="gh-actions">
          <Button onClick={() => actions.onOpen(cluster)}>{trans.__('Logs')}</Button>
        </div>
      ) : (
        <Actions cluster={cluster} stopping={stopping} {...actions} />
      )}
    </div>
  );
}
