/** How busy the workers were, minute by minute, and the time below. */

import type { ReactElement } from 'react';

import type { BusyMinute } from '../contract';
import { clockSeconds, clockTime } from '../format';
import { bars, ISpan, meanBusy, moments } from '../model/steps';
import { across, LEFT, TOP, useWidth } from './picture';
import { useTrans } from './translation';

const HEIGHT = 56;
/** Milliseconds of a span whose moments are told with their seconds. */
const SHORT = 300_000;

/** The bars, with their sentence as name. */
export function BusyChart({ busy, span }: { busy: readonly BusyMinute[]; span: ISpan }): ReactElement {
  const trans = useTrans();
  const [box, width] = useWidth();
  const shown = bars(busy, span);
  const mean = meanBusy(shown);
  const x = across(span, width);
  const y = (share: number): number => TOP + HEIGHT - share * HEIGHT;
  const sentence =
    mean === null
      ? trans.__('Busy share of the workers: nothing is known yet.')
      : trans.__('Busy share of the workers, minute by minute: %1 % on the average.', Math.round(mean * 100));
  return (
    <div className="gh-chart" ref={box}>
      <div className="gh-line">
        <h3 className="gh-strong">{trans.__('Busy share of running workers')}</h3>
        <span className="gh-legend gh-small gh-dim">
          {mean === null
            ? trans.__('known from the second minute on')
            : trans.__('%1 % on the average', Math.round(mean * 100))}
        </span>
      </div>
      <svg width={width} height={TOP + HEIGHT + 24} role="img" aria-label={sentence}>
        {[0, 0.5, 1].map(share => (
          <g key={share}>
            <path className={share ? 'grid' : 'axis'} d={`M${LEFT} ${y(share)}H${width}`} />
            <text x={LEFT - 6} y={y(share) + 4} textAnchor="end">
              {share === 1 ? '100 %' : share * 100}
            </text>
          </g>
        ))}
        {shown.map(minute => {
          const from = x(Math.max(Date.parse(minute.since), span.from));
          const to = x(Math.min(Date.parse(minute.until), span.to));
          return (
            <rect
              key={minute.since}
              className="busy"
              x={from}
              y={y(minute.busy)}
              width={Math.max(1, to - from - 1)}
              height={minute.busy * HEIGHT}
            />
          );
        })}
        {moments(span).map((at, number) => (
          <text
            key={at}
            x={x(at)}
            y={TOP + HEIGHT + 18}
            textAnchor={number === 0 ? 'start' : number === 4 ? 'end' : 'middle'}
          >
            {span.to - span.from < SHORT ? clockSeconds(at) : clockTime(at)}
          </text>
        ))}
      </svg>
    </div>
  );
}
