/** How much of a budget is spent, with the levels at which it warns; or how much of something is left. */

import type { CSSProperties, ReactElement } from 'react';

import { useTrans } from './translation';

interface IMeterProps {
  label: string;
  valueText: string;
  spent: number;
  budget: number;
  /** Shares of the budget, 0.8 for 80 %. */
  warnAt: readonly number[];
  /** What is expected to be spent in the end; absent: not known. */
  forecast?: number | null | undefined;
  /** Whether it needs action; without a word: when all is spent. */
  over?: boolean;
}

/** Custom properties for a style attribute. */
function vars(values: Record<string, string>): CSSProperties {
  return values;
}

function percent(share: number): string {
  return `${Math.round(Math.min(Math.max(share, 0), 1) * 10_000) / 100}%`;
}

/** The bar. Solid: spent; hatched: expected; empty: left; over the budget it takes the colour of what needs action. */
export function Meter({
  label,
  valueText,
  spent,
  budget,
  warnAt,
  forecast = null,
  over = spent >= budget
}: IMeterProps): ReactElement {
  const ahead = forecast !== null && budget > 0 && forecast > spent && !over;
  return (
    <div>
      <div
        className="gh-meter"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={budget}
        aria-valuenow={Math.min(spent, budget)}
        aria-valuetext={valueText}
        style={vars({
          '--spent': percent(budget > 0 ? spent / budget : 1),
          ...(ahead ? { '--forecast': percent(forecast / budget) } : {})
        })}
      >
        <div className="gh-meter-track">
          <i className={over ? 'gh-meter-spent over' : 'gh-meter-spent'} />
          {ahead && <i className="gh-meter-forecast" />}
        </div>
        {warnAt.map(share => (
          <i key={share} className="gh-meter-warn" style={vars({ '--at': percent(share) })} />
        ))}
      </div>
      {warnAt.length > 0 && <Scale warnAt={warnAt} />}
    </div>
  );
}

function Scale({ warnAt }: { warnAt: readonly number[] }): ReactElement {
  const trans = useTrans();
  return (
    <div className="gh-meter-scale" aria-hidden="true">
      <span style={vars({ '--at': '0%' })}>{trans.__('warns at')}</span>
      {warnAt.map((share, index) => (
        <span key={share} style={vars({ '--at': percent(share) })}>
          {Math.round(share * 100)}
          {index === warnAt.length - 1 && ' %'}
        </span>
      ))}
    </div>
  );
}
