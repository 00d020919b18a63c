/** Workers over time: dashed is wanted, the line is granted, the area ran. */

import type { ReactElement } from 'react';

import type { DecisionRow } from '../contract';
import { clockTime } from '../format';
import { ISeries, ISpan, path, roundSteps, rows, valueAt, within } from '../model/steps';
import { across, LEFT, TOP, useWidth } from './picture';
import { useTrans } from './translation';

const HEIGHT = 140;

interface IWorkersChartProps {
  series: ISeries;
  span: ISpan;
  /** What was decided, marked by a line where it says why. */
  decisions: readonly DecisionRow[];
}

/** The picture, its sentence as name, and the same as a table for readers. */
export function WorkersChart({ series, span, decisions }: IWorkersChartProps): ReactElement {
  const trans = useTrans();
  const [box, width] = useWidth();
  const [wanted, granted, running] = [series.wanted, series.granted, series.running].map(points =>
    within(points, span)
  ) as [ISeries['wanted'], ISeries['granted'], ISeries['running']];
  const most = Math.max(1, ...[...wanted, ...granted, ...running].map(point => point.value));
  const lines = roundSteps(most);
  const top = lines[lines.length - 1] ?? 1;
  const x = across(span, width);
  const y = (value: number): number => TOP + HEIGHT - (value / top) * HEIGHT;
  const now = {
    wanted: valueAt(series.wanted, span.to),
    granted: valueAt(series.granted, span.to),
    running: valueAt(series.running, span.to)
  };
  const ran = path(running, span.to, x, y);
  const sentence = trans.__(
    'Workers from %1 to %2: at most %3 ran. In the end %4 ran, %5 were granted and %6 wanted.',
    clockTime(span.from),
    clockTime(span.to),
    Math.max(0, ...running.map(point => point.value)),
    now.running,
    now.granted,
    now.wanted
  );
  return (
    <div className="gh-chart" ref={box}>
      <div className="gh-line">
        <h3 className="gh-strong">{trans.__('Workers')}</h3>
        <span className="gh-legend gh-small">
          <span className="wanted">{trans.__('wanted %1', now.wanted)}</span>
          <span className="granted">{trans.__('granted %1', now.granted)}</span>
          <span className="running">{trans.__('running %1', now.running)}</span>
        </span>
      </div>
      <svg width={width} height={TOP + HEIGHT + 8} role="img" aria-label={sentence}>
        {lines.map(line => (
          <g key={line}>
            <path className={line ? 'grid' : 'axis'} d={`M${LEFT} ${y(line)}H${width}`} />
            <text x={LEFT - 6} y={y(line) + 4} textAnchor="end">
              {line}
            </text>
          </g>
        ))}
        {ran && <path className="area" d={`${ran}V${y(0)}H${x(running[0]?.at ?? span.from)}Z`} />}
        <path className="running" d={ran} />
        <path className="granted" d={path(granted, span.to, x, y)} />
        <path className="wanted" d={path(wanted, span.to, x, y)} />
        {decisions
          .filter(
            one => one.reason !== null && Date.parse(one.at) >= span.from && Date.parse(one.at) <= span.to
          )
          .map(one => (
            <path key={one.id} className="gap" d={`M${x(Date.parse(one.at)).toFixed(1)} ${TOP}V${y(0)}`}>
              <title>{`${clockTime(one.at)} ${one.message}`}</title>
            </path>
          ))}
      </svg>
      <Table series={series} span={span} />
    </div>
  );
}

function Table({ series, span }: Pick<IWorkersChartProps, 'series' | 'span'>): ReactElement {
  const trans = useTrans();
  return (
    <div className="gh-readers">
      <table>
        <caption>{trans.__('Workers as time went by')}</caption>
        <thead>
          <tr>
            {[trans.__('Time'), trans.__('Wanted'), trans.__('Granted'), trans.__('Running')].map(word => (
              <th key={word} scope="col">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows(series, span).map(row => (
            <tr key={row.at}>
              <th scope="row">{clockTime(row.at)}</th>
              <td>{row.wanted}</td>
              <td>{row.granted}</td>
              <td>{row.running}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
