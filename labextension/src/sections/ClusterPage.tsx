/** One cluster alone: what it is and costs, its workers as time went by, what it wrote and what was decided. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactElement, ReactNode, useState } from 'react';

import { useKeptFocus } from '../components/focus';
import { COST_STEP, IFollowed, useModel, useNow } from '../components/hooks';
import { Icon } from '../components/Icon';
import { Note } from '../components/Note';
import { Tabs } from '../components/Tabs';
import { TranslationProvider, useTrans } from '../components/translation';
import type { ClusterHistory, ClusterView } from '../contract';
import { clockTime } from '../format';
import { carriedHours } from '../model/carry';
import type { IClusterPageState } from '../model/clusterPage';
import type { IAccountModel } from '../tokens';
import { Actions } from './ClusterActions';
import { IClusterActions, MARKS } from './ClusterItem';
import { Figures } from './ClusterFigures';
import { ClusterLogs, Failure, ILogActions } from './ClusterLogs';
import { Pictures } from './ClusterPictures';
import { Decisions, Workers } from './ClusterTables';

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
  const root = useKeptFocus<HTMLDivElement>();
  const state = useModel(page);
  const told = useModel(account);
  const now = useNow(state.visible, COST_STEP);
  const history = state.history.last;
  const live = told.account?.clusters.find(one => one.id === cluster);
  const view = live ?? history?.cluster;
  return (
    <div className="gh gh-detail" ref={root} tabIndex={-1}>
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
