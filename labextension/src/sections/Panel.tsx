/** The panel's content: what is known, from top to bottom. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import { useKeptFocus } from '../components/focus';
import { Footer } from '../components/Footer';
import { COST_STEP, IFollowed, useModel, useNow } from '../components/hooks';
import { Section } from '../components/Section';
import { Select } from '../components/Select';
import { TranslationProvider, useTrans } from '../components/translation';
import type { Account, Balance } from '../contract';
import { carriedHours, figures, IFigures } from '../model/carry';
import type { EnvironmentModel } from '../model/environment';
import type { StartingModel } from '../model/starting';
import type { IAccountModel, IAccountState } from '../tokens';
import { BudgetBanner, WarningBanner } from './Banner';
import { ConnectionBanner } from './ConnectionBanner';
import type { IClusterActions } from './ClusterItem';
import { Clusters } from './Clusters';
import { Cost, ICostActions } from './Cost';
import { Environment, IKernel } from './Environment';
import { PlusIcon } from './NoClusters';
import { NoGroup } from './NoGroup';
import { Servers } from './Servers';

const SECOND = 1_000;

/** What the panel looks like here: kept in the settings, and whether it is seen at all. */
export interface IView {
  readonly visible: boolean;
  readonly clustersOpen: boolean;
  readonly environmentOpen: boolean;
  /** Name of the chosen group; empty: the first. */
  readonly chargeTo: string;
  readonly kernel: IKernel;
}

/** What the panel can do outside of itself. */
export interface IPanelActions extends IClusterActions, ICostActions {
  /** Start a cluster that is charged to this group, where it offers one. */
  onNew: (group: string) => void;
  onLogin: (() => void) | undefined;
  /** Opens the hub's page with one's servers. */
  onHub: () => void;
  onCopy: (text: string) => void;
  onView: (change: Partial<Pick<IView, 'clustersOpen' | 'environmentOpen' | 'chargeTo'>>) => void;
}

interface IPanelProps {
  trans: TranslationBundle;
  account: IAccountModel;
  environment: EnvironmentModel;
  starting: StartingModel;
  view: IFollowed<IView>;
  actions: IPanelActions;
  /** The hub's name of the server that shows this page. */
  serverName: string;
}

/** Header, scrolling body, footer. */
export function Panel({ trans, ...rest }: IPanelProps): ReactElement {
  return (
    <TranslationProvider value={trans}>
      <Content {...rest} />
    </TranslationProvider>
  );
}

type IContentProps = Omit<IPanelProps, 'trans'>;

function Content(props: IContentProps): ReactElement {
  const { account, actions } = props;
  const root = useKeptFocus<HTMLDivElement>();
  const state = useModel(account);
  const view = useModel(props.view);
  const now = useNow(view.visible, state.phase === 'live' ? COST_STEP : SECOND);
  const balances = state.account?.balances ?? [];
  const balance = balances.find(candidate => candidate.group === view.chargeTo) ?? balances[0];
  return (
    <div className="gh gh-panel" ref={root} tabIndex={-1}>
      <Header balances={balances} balance={balance} known={state.account !== null} actions={actions} />
      <div className="gh-body">
        <ConnectionBanner
          state={state}
          now={now}
          onRetry={() => account.retry()}
          onLogin={actions.onLogin}
          onHub={actions.onHub}
        />
        {state.account && balance === undefined && (
          <NoGroup
            account={state.account}
            onCopy={text => actions.onCopy(text)}
            onRetry={() => account.retry()}
          />
        )}
        {state.account && balance && (
          <Known {...props} state={state} view={view} now={now} balance={balance} />
        )}
        {!state.account && state.phase === 'connecting' && <Connecting />}
      </div>
      <Footer state={state} now={now} />
    </div>
  );
}

interface IHeaderProps {
  balances: readonly Balance[];
  balance: Balance | undefined;
  known: boolean;
  actions: IPanelActions;
}

function Header({ balances, balance, known, actions }: IHeaderProps): ReactElement {
  const trans = useTrans();
  return (
    <header className="gh-head">
      <h2>Gatehouse</h2>
      {balance && (
        <Select
          label={trans.__('Charge to')}
          value={balance.group}
          options={balances.map(({ group, title }) => ({ value: group, text: title }))}
          onChoose={chargeTo => actions.onView({ chargeTo })}
        />
      )}
      {known && !balance && <span className="gh-dim">{trans.__('no group')}</span>}
    </header>
  );
}

function Connecting(): ReactElement {
  const trans = useTrans();
  return (
    <p className="gh-block gh-dim">{trans.__('Asking the usage service what you run and what it costs.')}</p>
  );
}

interface IKnownProps extends IContentProps {
  state: IAccountState;
  now: number;
  balance: Balance;
}

interface IBudgetsProps {
  account: Account;
  balance: Balance;
  meter: IFigures['meter'];
}

/** What is to be known of the budgets: the newest warning, or that one has just been used up. */
function Budgets({ account, balance, meter }: IBudgetsProps): ReactElement | null {
  const warning = account.warnings.find(one => one.group === balance.group);
  if (meter && meter.spent >= meter.budget && ((warning?.level ?? 0) < 1 || meter.budget === 0)) {
    return <BudgetBanner account={account} balance={balance} meter={meter} />;
  }
  return warning ? <WarningBanner warning={warning} /> : null;
}

/** At the head of the clusters. */
function New({ onClick }: { onClick: () => void }): ReactElement {
  const trans = useTrans();
  return (
    <button
      type="button"
      className="gh-button quiet gh-new"
      aria-label={trans.__('New cluster')}
      aria-haspopup="dialog"
      onClick={onClick}
    >
      <PlusIcon />
      {trans.__('New')}
    </button>
  );
}

/** Everything that needs an account and a group. */
function Known({
  state,
  now,
  balance,
  environment,
  starting,
  actions,
  serverName,
  ...rest
}: Omit<IKnownProps, 'view'> & { view: IView }): ReactElement | null {
  const trans = useTrans();
  const { view } = rest;
  if (state.account === null) {
    return null;
  }
  const account = state.account;
  const hours = carriedHours(state, now);
  const live = state.phase === 'live' || state.phase === 'connecting';
  const staleSince = live ? null : state.heardAt;
  const { meter } = figures(balance, hours);
  const count = account.clusters.filter(cluster => cluster.state !== 'stopped').length;
  return (
    <>
      {live && <Budgets account={account} balance={balance} meter={meter} />}
      <Cost
        account={account}
        balance={balance}
        hours={hours}
        staleSince={staleSince}
        onCosts={actions.onCosts}
      />
      <Servers
        account={account}
        hours={hours}
        staleSince={staleSince}
        own={serverName}
        onExtend={actions.onExtend}
      />
      <Section
        title={trans.__('Clusters')}
        count={count}
        end={<New onClick={() => actions.onNew(balance.group)} />}
        open={view.clustersOpen}
        onToggle={clustersOpen => actions.onView({ clustersOpen })}
      >
        <Clusters
          account={account}
          hours={hours}
          staleSince={staleSince}
          stopping={state.stopping}
          starting={starting}
          group={balance.group}
          {...actions}
        />
      </Section>
      <Section
        title={trans.__('Environment')}
        end={<span className="gh-small gh-dim">{view.kernel.title}</span>}
        open={view.environmentOpen}
        onToggle={environmentOpen => actions.onView({ environmentOpen })}
      >
        <Environment
          model={environment}
          clusters={account.clusters}
          kernel={view.kernel}
          visible={view.visible}
          now={now}
        />
      </Section>
    </>
  );
}
