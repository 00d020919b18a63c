/** One cluster alone: what it is and costs, its workers as time went by, what it wrote and what was decided. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactElement, ReactNode, useState } from 'react';

import { BusyChart } from '../components/BusyChart';
import { IFollowed, useModel, useNow } from '../components/hooks';
import { Icon } from '../components/Icon';
import { Note } from '../components/Note';
import { Select } from '../components/Select';
import { Tabs } from '../components/Tabs';
import { TranslationProvider, useTrans } from '../components/translation';
import { WorkersChart } from '../components/WorkersChart';
import type { ClusterHistory, ClusterView } from '../contract';
import { clockTime, duration, fullTime, money, rate } from '../format';
import { carried, carriedHours } from '../model/carry';
import type { IClusterPageState } from '../model/clusterPage';
import { ISpan, series } from '../model/steps';
import type { IAccountModel } from '../tokens';
import { Actions, IClusterActions, MARKS } from './ClusterItem';
import { ClusterLogs, Failure, ILogActions } from './ClusterLogs';
import { Decisions, lived, Workers } from './ClusterTables';

const HOUR = 3_600_000;

/** What the page can do outside of itself. */
export type IClusterPageActions = Pick<IClusterActions, 'dashboard' | 'onInsertCode' | 'onStop'> &
  ILogActions;

interface IClusterPageProps {
  trans: TranslationBundle;
  /** The gateway's name for the cluster. */
  cluster: string;
  account: IAccountModel;
  page: IFollowed<IClusterPageState>;
  actions: IClusterPageActions;
}

/** Head, figures, pictures, tabs. */
export function ClusterPage({ trans, ...rest }: IClusterPageProps): ReactElement {
  return (
    <TranslationProvider value={trans}>
      <Content {...rest} />
    </TranslationProvider>
  );
}

function Content({ cluster, account, page, actions }: Omit<IClusterPageProps, 'trans'>): ReactElement {
  const trans = useTrans();
  const state = useModel(page);
  const told = useModel(account);
  const now = useNow(state.visible);
  const history = state.history.last;
  const live = told.account?.clusters.find(one => one.id === cluster);
  const view = live ?? history?.cluster;
  return (
    <div className="gh gh-detail">
      {view && (
        <>
          <Head view={view} stopping={told.stopping.has(cluster)} actions={actions} />
          <Figures
            view={view}
            history={history}
            currency={history?.currency ?? told.account?.currency ?? ''}
            hours={live ? carriedHours(told, now) : 0}
            now={now}
          />
        </>
      )}
      <Failure answer={state.history} />
      {!view && !state.history.error && (
        <p className="gh-detail-note gh-dim">{trans.__('Asking the usage service about this cluster.')}</p>
      )}
      {view && history && <Pictures view={view} history={history} now={now} />}
      <Below state={state} history={history} actions={actions} />
    </div>
  );
}

interface IHeadProps {
  view: ClusterView;
  stopping: boolean;
  actions: IClusterPageActions;
}

function Head({ view, stopping, actions }: IHeadProps): ReactElement {
  const trans = useTrans();
  const state = stopping && view.state !== 'stopped' ? 'stopping' : view.state;
  const words = {
    starting: trans.__('starting'),
    running: trans.__('running'),
    stopping: trans.__('stopping'),
    stopped: trans.__('stopped')
  };
  const since = clockTime(view.started_at ?? view.requested_at);
  return (
    <header className="gh-detail-head">
      <div>
        <div className="gh-line">
          <h2>{view.name || view.title}</h2>
          <span className="gh-state" role="status">
            <Icon {...MARKS[state]} />
            {words[state]}
          </span>
        </div>
        <div className="gh-dim" title={view.id}>
          {view.ended_at
            ? trans.__(
                '%1, charged to %2, %3 to %4',
                view.title,
                view.group_title,
                since,
                clockTime(view.ended_at)
              )
            : trans.__('%1, charged to %2, since %3', view.title, view.group_title, since)}
        </div>
        <Note thing={view} />
      </div>
      {view.state !== 'stopped' && <Actions cluster={view} stopping={stopping} {...actions} />}
    </header>
  );
}

interface IFiguresProps {
  view: ClusterView;
  history: ClusterHistory | null;
  currency: string;
  /** How long the cost is carried on. */
  hours: number;
  now: number;
}

function Figures({ view, history, currency, hours, now }: IFiguresProps): ReactElement {
  const trans = useTrans();
  const ended = view.state === 'stopped';
  const cost = money(carried(view.cost, ended ? '0' : view.price_per_hour, hours), currency);
  const until = view.ended_at ?? new Date(now).toISOString();
  const unused = view.busy_share === null ? null : Math.round((1 - view.busy_share) * 100);
  return (
    <div className="gh-stats">
      <Figure
        word={ended ? trans.__('Cost') : trans.__('Cost so far')}
        figure={cost}
        small={view.started_at ? lived(view.started_at, until) : trans.__('not started')}
      />
      <Figure
        word={trans.__('Now')}
        figure={rate(ended ? '0' : view.price_per_hour, currency)}
        small={
          ended
            ? trans.__('nothing runs')
            : trans._n('%1 worker, 1 scheduler', '%1 workers, 1 scheduler', view.running)
        }
      />
      <Figure
        word={trans.__('Idle or starting')}
        figure={unused === null ? '–' : `${unused} %`}
        small={
          unused === null
            ? trans.__('not known yet')
            : trans.__('%1 of %2', money(view.idle_cost, currency), cost)
        }
      />
      <End view={view} history={history} />
    </div>
  );
}

function End({ view, history }: Pick<IFiguresProps, 'view' | 'history'>): ReactElement {
  const trans = useTrans();
  if (view.ended_at) {
    return (
      <Figure
        word={trans.__('Stopped at')}
        figure={clockTime(view.ended_at)}
        small={view.reason ? `[${view.reason}]` : trans.__('by its owner, or by itself')}
        title={fullTime(view.ended_at)}
      />
    );
  }
  const idle = view.idle_seconds
    ? trans.__('or after %1 idle', duration(view.idle_seconds))
    : trans.__('idle or not');
  return history?.stops_at ? (
    <Figure
      word={trans.__('Stops at the latest')}
      figure={clockTime(history.stops_at)}
      small={idle}
      title={fullTime(history.stops_at)}
    />
  ) : (
    <Figure
      word={trans.__('Stops without use')}
      figure={view.idle_seconds ? duration(view.idle_seconds) : '–'}
      small={trans.__('it has no longest life')}
    />
  );
}

interface IFigureProps {
  word: string;
  figure: string;
  small: string;
  title?: string | undefined;
}

function Figure({ word, figure, small, title }: IFigureProps): ReactElement {
  return (
    <div title={title}>
      <div className="gh-small gh-dim">{word}</div>
      <div className="gh-figure">{figure}</div>
      <div className="gh-small gh-dim">{small}</div>
    </div>
  );
}

function Pictures({
  view,
  history,
  now
}: Pick<IFiguresProps, 'view' | 'now'> & { history: ClusterHistory }): ReactElement {
  const trans = useTrans();
  const [hours, setHours] = useState(1);
  const [from, to] = [
    Date.parse(view.started_at ?? view.requested_at),
    Date.parse(view.ended_at ?? '') || now
  ];
  const choices = [1, 6, 24].filter(choice => (to - from) / HOUR > choice);
  const longest = (to - from) / HOUR > 24 ? trans.__('last day') : trans.__('all of its life');
  const span: ISpan = {
    from: Math.max(from, to - Math.min(hours, 24) * HOUR),
    to: Math.max(to, from + 1000)
  };
  return (
    <div className={view.hint ? 'gh-cols' : undefined}>
      <div>
        {choices.length > 0 && (
          <div className="gh-span">
            <Select
              label={trans.__('Time shown')}
              quiet
              value={String(hours)}
              options={[
                ...choices
                  .filter(choice => choice < 24)
                  .map(choice => ({
                    value: String(choice),
                    text: choice === 1 ? trans.__('last hour') : trans.__('last %1 hours', choice)
                  })),
                { value: '24', text: longest }
              ]}
              onChoose={value => setHours(Number(value))}
            />
          </div>
        )}
        <WorkersChart series={series(history)} span={span} decisions={history.decisions} />
        <BusyChart busy={history.busy} span={span} />
      </div>
      {view.hint && (
        <aside className="gh-hint" aria-label={trans.__('Hint')}>
          <div className="gh-state gh-strong">
            <Icon mark="hint" tone="info" />
            {trans.__('Smaller would do')}
          </div>
          <p>{view.hint}</p>
        </aside>
      )}
    </div>
  );
}

type Tab = 'logs' | 'workers' | 'decisions';

interface IBelowProps {
  state: IClusterPageState;
  history: ClusterHistory | null;
  actions: IClusterPageActions;
}

function Below({ state, history, actions }: IBelowProps): ReactElement {
  const trans = useTrans();
  const [tab, setTab] = useState<Tab>('logs');
  const showLog = (source: string): void => {
    actions.onSource(source);
    setTab('logs');
  };
  const contents: Readonly<Record<Tab, () => ReactNode>> = {
    logs: () => <ClusterLogs state={state} decisions={history?.decisions ?? []} {...actions} />,
    workers: () => history && <Workers history={history} onLogs={showLog} />,
    decisions: () => history && <Decisions history={history} />
  };
  return (
    <Tabs
      label={trans.__('Details')}
      tabs={[
        { id: 'logs', text: trans.__('Logs') },
        { id: 'workers', text: trans.__('Workers'), count: history?.workers_total },
        { id: 'decisions', text: trans.__('Decisions'), count: history?.decisions.length }
      ]}
      chosen={tab}
      onChoose={setTab}
    >
      {contents[tab]()}
    </Tabs>
  );
}
