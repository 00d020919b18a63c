/** The month day by day: a chart, who is how much of it, and the same figures as a table. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactElement, useState } from 'react';

import { Button } from '../components/Button';
import { useModel } from '../components/hooks';
import { Sentence } from '../components/Reason';
import { Select } from '../components/Select';
import { StackedDays } from '../components/StackedDays';
import { TranslationProvider, useTrans } from '../components/translation';
import type { MonthCosts } from '../contract';
import { clockSeconds, money, monthAndYear } from '../format';
import { csv, dayTotals, ISeries, OTHERS, series, SplitBy } from '../model/costs';
import type { MonthModel } from '../model/months';
import { DayTable } from './DayTable';

interface ICostsProps {
  trans: TranslationBundle;
  model: MonthModel;
  onCopy: (text: string) => void;
}

/** The page. */
export function Costs({ trans, ...rest }: ICostsProps): ReactElement {
  return (
    <TranslationProvider value={trans}>
      <Page {...rest} />
    </TranslationProvider>
  );
}

function Page({ model, onCopy }: Omit<ICostsProps, 'trans'>): ReactElement {
  const trans = useTrans();
  const { costs, month, asking, error } = useModel(model);
  const [by, setBy] = useState<SplitBy>('cluster');
  const chosen = month === '' ? (costs?.month ?? '') : month;
  return (
    <div className="gh gh-page">
      <header className="gh-page-head">
        <h2>{trans.__('Daily costs')}</h2>
        {costs && (
          <Select
            label={trans.__('Month')}
            value={chosen}
            options={costs.months.map(value => ({ value, text: monthAndYear(value, trans) }))}
            onChoose={value => void model.choose(value)}
          />
        )}
        {costs && <Split by={by} onChoose={setBy} />}
        <span className="gh-page-end">
          {costs && <Button onClick={() => onCopy(csv(costs))}>{trans.__('Copy as CSV')}</Button>}
          <Button onClick={() => void model.refresh()}>{trans.__('Refresh')}</Button>
        </span>
      </header>
      {error && (
        <p role="alert">
          <Sentence text={error.message} reason={error.reason} />
        </p>
      )}
      {!costs && asking && <p className="gh-dim">{trans.__('Asking the usage service for the month.')}</p>}
      {costs && <Month costs={costs} by={by} />}
    </div>
  );
}

function Split({ by, onChoose }: { by: SplitBy; onChoose: (by: SplitBy) => void }): ReactElement {
  const trans = useTrans();
  const choices: readonly { value: SplitBy; text: string }[] = [
    { value: 'cluster', text: trans.__('By cluster') },
    { value: 'group', text: trans.__('By group') },
    { value: 'kind', text: trans.__('Servers and clusters') }
  ];
  return (
    <fieldset className="gh-split">
      <legend className="gh-readers">{trans.__('Split each day')}</legend>
      {choices.map(({ value, text }) => (
        <label key={value}>
          <input type="radio" name="gh-split" checked={by === value} onChange={() => onChoose(value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

function Month({ costs, by }: { costs: MonthCosts; by: SplitBy }): ReactElement {
  const trans = useTrans();
  const parts = series(costs, by);
  const nameOf = (part: ISeries): string => partName(part, by, trans);
  const length = daysIn(costs.month);
  const totals = dayTotals(parts, costs.days);
  return (
    <>
      <p>
        <span className="gh-figure">{money(costs.total, costs.currency)}</span>{' '}
        <span className="gh-dim">
          {trans.__('in %1, as of %2', monthAndYear(costs.month, trans), clockSeconds(costs.as_of))}
        </span>
      </p>
      {parts.length === 0 && <p>{trans.__('Nothing of yours ran in this month.')}</p>}
      <StackedDays
        parts={parts}
        nameOf={nameOf}
        days={costs.days}
        length={length}
        month={costs.month}
        currency={costs.currency}
      />
      {parts.length > 0 && <Legend costs={costs} parts={parts} nameOf={nameOf} charged={by === 'cluster'} />}
      {parts.length > 0 && (
        <DayTable
          parts={parts}
          totals={totals}
          nameOf={nameOf}
          month={costs.month}
          currency={costs.currency}
        />
      )}
    </>
  );
}

interface ILegendProps {
  costs: MonthCosts;
  parts: readonly ISeries[];
  nameOf: (part: ISeries) => string;
  /** Whether it is worth saying which group is charged. */
  charged: boolean;
}

/** Who is how much of the month. */
function Legend({ costs, parts, nameOf, charged }: ILegendProps): ReactElement {
  const trans = useTrans();
  const total = Number(costs.total);
  return (
    <table className="gh-table" aria-label={trans.__('What it went for')}>
      <thead>
        <tr>
          <th scope="col">{trans.__('What')}</th>
          {charged && (
            <th scope="col" className="gh-word">
              {trans.__('Charged to')}
            </th>
          )}
          <th scope="col">{trans.__('Cost')}</th>
          <th scope="col">{trans.__('Share')}</th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part, index) => (
          <tr key={part.key}>
            <th scope="row">
              <i className={`gh-swatch gh-part${index}`} /> {nameOf(part)}
            </th>
            {charged && <td className="gh-word">{part.group}</td>}
            <td>{money(part.cost, costs.currency)}</td>
            <td>{total > 0 ? `${Math.round((100 * part.cost) / total)} %` : ''}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{trans.__('Total')}</th>
          {charged && <td />}
          <td>{money(costs.total, costs.currency)}</td>
          <td />
        </tr>
      </tfoot>
    </table>
  );
}

function partName(part: ISeries, by: SplitBy, trans: TranslationBundle): string {
  if (part.key === OTHERS) {
    return trans._n('%1 other', '%1 others', part.count);
  }
  if (by === 'kind') {
    return part.kind === 'server' ? trans.__('Servers') : trans.__('Clusters');
  }
  if (by === 'group') {
    return part.name;
  }
  return part.name ? trans.__('%1 (%2)', part.name, part.title) : part.title;
}

function daysIn(month: string): number {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year ?? 1970, number ?? 1, 0)).getUTCDate();
}
