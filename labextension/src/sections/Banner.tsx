/** What a person should know before everything else, with what to do about it. */

import type { ReactElement, ReactNode } from 'react';

import { Icon, Mark, Tone } from '../components/Icon';
import { ReasonCode, Sentence } from '../components/Reason';
import { useTrans } from '../components/translation';
import type { Account, Balance, BudgetWarning } from '../contract';
import { money, monthName, nextMonth } from '../format';
import type { IFigures } from '../model/carry';

interface IBannerProps {
  mark: Mark;
  tone: Tone;
  title: string;
  children: ReactNode;
}

/** An alert: mark, what happened, what follows, actions. */
export function Banner({ mark, tone, title, children }: IBannerProps): ReactElement {
  return (
    <div className="gh-banner" role="alert">
      <Icon mark={mark} tone={tone} />
      <div>
        <p className="gh-strong">{title}</p>
        {children}
      </div>
    </div>
  );
}

interface IWarningBannerProps {
  warning: BudgetWarning;
}

/** A budget has passed a level: the service's own sentence. */
export function WarningBanner({ warning }: IWarningBannerProps): ReactElement {
  const trans = useTrans();
  const used = warning.level >= 1;
  return (
    <Banner
      mark={used ? 'stop' : 'warning'}
      tone={used ? 'bad' : 'warn'}
      title={
        used
          ? trans.__('A budget is used up.')
          : trans.__('%1 % of a budget is spent.', Math.round(warning.level * 100))
      }
    >
      <p className="gh-small">
        <Sentence text={warning.message} reason={used ? 'budget_exhausted' : 'budget_warning'} />
      </p>
    </Banner>
  );
}

interface IBudgetBannerProps {
  account: Account;
  balance: Balance;
  meter: NonNullable<IFigures['meter']>;
}

/** The budget is used up. */
export function BudgetBanner({ account, balance, meter }: IBudgetBannerProps): ReactElement {
  const trans = useTrans();
  const month = monthName(balance.month, trans);
  const budget = money(meter.budget, account.currency);
  if (meter.budget === 0) {
    return <NoMoney account={account} balance={balance} own={meter.of === 'me'} />;
  }
  const other = account.balances.find(candidate => candidate !== balance && leftIn(candidate) > 0);
  return (
    <Banner
      mark="stop"
      tone="bad"
      title={
        meter.of === 'me'
          ? trans.__('Your %1 budget of %2 is used up.', month, budget)
          : trans.__('The %1 budget of %2, %3, is used up.', month, balance.title, budget)
      }
    >
      <p className="gh-small">
        {trans.__(
          'It starts anew on %1. To raise it before, ask %2.',
          nextMonth(balance.month, trans),
          account.contact
        )}{' '}
        {other && trans.__('%1 has %2 left.', other.title, money(leftIn(other), account.currency))}{' '}
        <ReasonCode code="budget_exhausted" />
      </p>
    </Banner>
  );
}

interface INoMoneyProps {
  account: Account;
  balance: Balance;
  /** It is the person's own budget that is zero. */
  own: boolean;
}

/** A budget of zero is not used up: there never was any. */
function NoMoney({ account, balance, own }: INoMoneyProps): ReactElement {
  const trans = useTrans();
  const zero = money(0, account.currency);
  const ending = [...account.servers, ...account.clusters].find(
    thing => thing.group === balance.group && thing.state === 'running' && thing.reason === 'budget_exhausted'
  );
  return (
    <Banner
      mark="stop"
      tone="bad"
      title={
        own
          ? trans.__('You have no budget in %1: it is %2 a month.', balance.title, zero)
          : trans.__('%1 has no budget: it is %2 a month.', balance.title, zero)
      }
    >
      <p className="gh-small">
        <Sentence
          text={
            ending?.message ??
            trans.__('Nothing that costs money can start. To change that, ask %1.', account.contact)
          }
          reason="budget_exhausted"
        />
      </p>
    </Banner>
  );
}

function leftIn(balance: Balance): number {
  const group = balance.budget === null ? Infinity : Number(balance.budget) - Number(balance.spent);
  const own = balance.my_budget === null ? Infinity : Number(balance.my_budget) - Number(balance.mine);
  const left = Math.min(group, own);
  return Number.isFinite(left) ? left : 0;
}
