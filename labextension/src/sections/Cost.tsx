/** This month's money of the charged group: mine, the budget's, what idle time took of it, and the days. */

import type { ReactElement } from 'react';

import { BudgetMeter } from '../components/BudgetMeter';
import { Days } from '../components/Days';
import { Figures } from '../components/Figures';
import { useTrans } from '../components/translation';
import type { Account, Balance } from '../contract';
import { money } from '../format';
import { figures, IFigures } from '../model/carry';
import { Credits } from './Credits';

/** What a person can do about money. */
export interface ICostActions {
  /** Show the month day by day. */
  onCosts: () => void;
}

interface ICostProps extends ICostActions {
  account: Account;
  balance: Balance;
  /** How long the account is carried on. */
  hours: number;
  /** When the figures are no longer live: the time they are from. */
  staleSince: number | null;
}

/** The block on top of the panel. */
export function Cost({ account, balance, hours, staleSince, onCosts }: ICostProps): ReactElement {
  const trans = useTrans();
  const { currency } = account;
  const shown = figures(balance, hours);
  const daily = [...balance.daily.slice(0, -1).map(Number), shown.today];
  return (
    <section
      className={staleSince === null ? 'gh-block gh-money' : 'gh-block gh-money gh-stale'}
      aria-label={trans.__('Money')}
    >
      <Figures balance={balance} shown={shown} currency={currency} staleSince={staleSince} />
      <BudgetMeter balance={balance} shown={shown} currency={currency} />
      <Days daily={daily} month={balance.month} currency={currency} />
      <Rows balance={balance} shown={shown} currency={currency} />
      <Credits balance={balance} hours={hours} />
      <Hint account={account} balance={balance} />
      <button type="button" className="gh-button quiet gh-daily" onClick={onCosts}>
        {trans.__('Daily costs')}
      </button>
    </section>
  );
}

interface IRowsProps {
  balance: Balance;
  shown: IFigures;
  currency: string;
}

function Rows({ balance, shown, currency }: IRowsProps): ReactElement {
  const trans = useTrans();
  const idle = Number(balance.my_idle_cost ?? 0);
  const ofGroup = shown.meter?.of === 'group';
  return (
    <dl className="gh-kv">
      <dt>
        {ofGroup && <i className="gh-swatch solid" />}
        {balance.title}
      </dt>
      <dd>
        {balance.budget === null
          ? money(shown.spent, currency)
          : trans.__('%1 of %2', money(shown.spent, currency), money(balance.budget, currency))}
      </dd>
      {ofGroup && shown.groupForecast !== null && (
        <>
          <dt>
            <i className="gh-swatch hatch" />
            {trans.__('Forecast of %1', balance.title)}
          </dt>
          <dd>{money(shown.groupForecast, currency)}</dd>
        </>
      )}
      {idle >= 0.005 && (
        <>
          <dt
            title={trans.__(
              'Of what you spent in %1 this month: workers that were idle or starting, as far as the gateway saw.',
              balance.title
            )}
          >
            {trans.__('Idle workers')}
          </dt>
          <dd>{money(idle, currency)}</dd>
        </>
      )}
    </dl>
  );
}

/** What smaller workers would have saved, for the dearest of the listed clusters that has such a hint. */
function Hint({ account, balance }: { account: Account; balance: Balance }): ReactElement | null {
  const trans = useTrans();
  const [worst] = account.clusters
    .filter(cluster => cluster.hint && cluster.group === balance.group)
    .sort((one, other) => Number(other.cost) - Number(one.cost));
  return worst ? (
    <p className="gh-small gh-dim">{trans.__('%1: %2', worst.name || worst.title, worst.hint)}</p>
  ) : null;
}
