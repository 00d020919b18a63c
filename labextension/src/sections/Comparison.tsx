/** The answer: equal in one line, or what differs as a table, worst first. */

import { ReactElement, useId, useState } from 'react';

import { Icon } from '../components/Icon';
import { useTrans } from '../components/translation';
import type { EnvironmentComparison } from '../contract';
import { clockTime, fullTime } from '../format';
import { DifferenceRow } from './DifferenceRow';

type Trans = ReturnType<typeof useTrans>;

interface IComparisonProps {
  comparison: EnvironmentComparison;
  /** What the person calls the cluster. */
  name: string;
  checking: boolean;
  /** The time in milliseconds. */
  now: number;
  onAgain: () => void;
}

/** What is of low severity is folded away; when it was compared and a way to do so again stand below. */
export function Comparison({ comparison, name, checking, now, onAgain }: IComparisonProps): ReactElement {
  const trans = useTrans();
  const [all, setAll] = useState(false);
  const low = comparison.differences.filter(row => row.severity === 'other').length;
  const bad = isBad(comparison);
  const table = useId();
  return (
    <>
      {!bad && <Fine comparison={comparison} />}
      <div id={table} hidden={!bad && !all}>
        {(bad || all) && <Differences comparison={comparison} all={all} now={now} />}
      </div>
      <Limits comparison={comparison} />
      {low > 0 && (
        <div className="gh-buttons">
          <button
            type="button"
            className="gh-button quiet gh-start"
            aria-expanded={all}
            aria-controls={table}
            onClick={() => setAll(!all)}
          >
            <Icon mark={all ? 'open' : 'closed'} tone="calm" />
            {trans._n('%1 of low severity', '%1 of low severity', low)}
          </button>
        </div>
      )}
      <div className="gh-line gh-small gh-dim">
        <span title={`${name}, ${fullTime(comparison.compared_at)}`}>{compared(comparison, trans)}</span>
        <span className="gh-num">
          <button
            type="button"
            className="gh-button quiet"
            aria-disabled={checking}
            onClick={checking ? undefined : onAgain}
          >
            {checking ? trans.__('Comparing') : trans.__('Compare again')}
          </button>
        </span>
      </div>
    </>
  );
}

/** Whether there is anything to be told without being asked. */
function isBad({ differences, python, system }: EnvironmentComparison): boolean {
  return [python, system, ...differences].some(row => row.severity !== 'other');
}

function compared(comparison: EnvironmentComparison, trans: Trans): string {
  const at = clockTime(comparison.compared_at);
  return comparison.workers === 0
    ? trans.__('scheduler only, %1', at)
    : trans._n('%1 worker, %2', '%1 workers, %2', comparison.workers, at);
}

/** Nothing stands in the way: said in one sentence. */
function Fine({ comparison }: { comparison: EnvironmentComparison }): ReactElement {
  const trans = useTrans();
  const { differences, imports, python, same, system } = comparison;
  const machines = trans.__('%1 and %2', `Python ${python.kernel ?? ''}`, system.kernel ?? '');
  const equal = python.verdict === 'same' && system.verdict === 'same';
  return (
    <p className="gh-note" role="status">
      <Icon mark="done" tone="ok" />
      <span>
        {differences.length === 0
          ? trans._n('%1 package equal', '%1 packages equal', same)
          : imports === null
            ? trans.__('Nothing differs that breaks pickles or the connection')
            : trans._n(
                'The %1 package that this notebook imports is equal',
                'All %1 packages that this notebook imports are equal',
                imports
              )}
        {equal ? trans.__(', %1 too.', machines) : '.'}
      </span>
    </p>
  );
}

interface IDifferencesProps {
  comparison: EnvironmentComparison;
  /** Also what is of low severity. */
  all: boolean;
  now: number;
}

function Differences({ comparison, all, now }: IDifferencesProps): ReactElement {
  const trans = useTrans();
  const { differences, python, same, system, workers } = comparison;
  const machines = [python, system];
  const high = machines.filter(row => row.severity === 'critical');
  const rest = machines.filter(row => row.severity !== 'critical');
  const told = differences.filter(row => row.severity !== 'other');
  const low = all ? differences.filter(row => row.severity === 'other') : [];
  return (
    <div className="gh-diff" role="table" aria-label={trans.__('What differs between kernel and workers')}>
      <div role="row">
        <span className="gh-small gh-diff-title" role="columnheader">
          {trans.__('%1 of %2 differ', differences.length, differences.length + same)}
        </span>
        <span className="gh-small gh-dim" role="columnheader">
          {trans.__('kernel')}
        </span>
        <span className="gh-small gh-dim" role="columnheader">
          {workers > 0 ? trans.__('workers') : trans.__('scheduler')}
        </span>
      </div>
      {[...high, ...told, ...rest, ...low].map(row => (
        <DifferenceRow key={row.name} row={row} workers={workers} now={now} />
      ))}
    </div>
  );
}

/** What the comparison does not know. */
function Limits({ comparison }: { comparison: EnvironmentComparison }): ReactElement | null {
  const trans = useTrans();
  const { imports, partly_read: partly, unread } = comparison;
  const told = [
    imports === null && trans.__('No notebook is in front, so nothing is known of its imports.'),
    unread > 0 &&
      trans._n(
        '%1 cell could not be read as Python; its imports are not known.',
        '%1 cells could not be read as Python; their imports are not known.',
        unread
      ),
    partly.length > 0 && trans.__('Of %1 only the first files were compared.', partly.join(', '))
  ].filter(text => text !== false);
  return told.length > 0 ? <p className="gh-small gh-dim">{told.join(' ')}</p> : null;
}
