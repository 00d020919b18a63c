/** The answer: equal in one line, or the differences as a table. */

import { ReactElement, useState } from 'react';

import { Button } from '../components/Button';
import { Icon } from '../components/Icon';
import { useTrans } from '../components/translation';
import type { EnvironmentComparison, PackageComparison } from '../contract';
import { clockTime, fullTime } from '../format';

const SHOWN = 6;

interface IComparisonProps {
  comparison: EnvironmentComparison;
  /** What the person calls the cluster. */
  name: string;
  checking: boolean;
  onAgain: () => void;
}

/** Different versions come first and are all shown; what one side lacks is cut after a few rows. */
export function Comparison({ comparison, name, checking, onAgain }: IComparisonProps): ReactElement {
  const trans = useTrans();
  const { differences, python, same } = comparison;
  const equal = differences.length === 0 && python.verdict === 'same';
  return (
    <>
      {equal ? (
        <p className="gh-note" role="status">
          <Icon mark="done" tone="ok" />
          <span>
            {trans._n('%1 package equal', '%1 packages equal', same)},{' '}
            {trans.__('Python %1 too.', python.kernel ?? '')}
          </span>
        </p>
      ) : (
        <Differences comparison={comparison} />
      )}
      <div className="gh-line gh-small gh-dim">
        <span title={fullTime(comparison.compared_at)}>{compared(comparison, name, trans)}</span>
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

function compared(
  comparison: EnvironmentComparison,
  name: string,
  trans: ReturnType<typeof useTrans>
): string {
  const at = clockTime(comparison.compared_at);
  return comparison.workers === 0
    ? trans.__('%1, scheduler only, %2', name, at)
    : trans._n('%2, %1 worker, %3', '%2, %1 workers, %3', comparison.workers, name, at);
}

function Differences({ comparison }: { comparison: EnvironmentComparison }): ReactElement {
  const trans = useTrans();
  const [all, setAll] = useState(false);
  const { differences, python, same, workers } = comparison;
  const different = differences.filter(row => row.verdict === 'different').length;
  const count = Math.max(different, SHOWN);
  const shown = all ? differences : differences.slice(0, count);
  const hidden = differences.length - shown.length;
  return (
    <>
      <div
        className="gh-diff"
        role="table"
        aria-label={trans.__('Packages that differ between kernel and workers')}
      >
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
        <Row row={python} />
        {shown.map(row => (
          <Row key={row.name} row={row} />
        ))}
      </div>
      {hidden > 0 && (
        <div className="gh-buttons">
          <Button onClick={() => setAll(true)}>{trans._n('Show %1 more', 'Show %1 more', hidden)}</Button>
        </div>
      )}
    </>
  );
}

function Row({ row }: { row: PackageComparison }): ReactElement {
  const trans = useTrans();
  const none = trans.__('missing');
  const theirs = row.workers.length > 0 ? row.workers : [row.scheduler];
  const text = theirs.map(version => version ?? none).join(', ');
  const note = words(row, trans);
  return (
    <div role="row">
      <Icon {...mark(row)} />
      <span className="gh-strong gh-cut" role="rowheader" title={row.name}>
        {row.name}
      </span>
      <span className="gh-cut" role="cell" title={row.kernel ?? none}>
        {row.kernel ?? none}
      </span>
      <span className="gh-cut" role="cell" title={text}>
        {text}
      </span>
      {note && (
        <span className="gh-wide gh-small gh-dim" role="cell">
          {note}
        </span>
      )}
    </div>
  );
}

function mark(row: PackageComparison): {
  mark: 'done' | 'warning' | 'missing';
  tone: 'ok' | 'warn' | 'calm';
} {
  if (row.verdict === 'same') {
    return { mark: 'done', tone: 'ok' };
  }
  return row.verdict === 'different' ? { mark: 'warning', tone: 'warn' } : { mark: 'missing', tone: 'calm' };
}

/** What the two columns do not say. */
function words(row: PackageComparison, trans: ReturnType<typeof useTrans>): string {
  if (row.workers.length > 1) {
    return trans.__('the workers are not all the same');
  }
  if (row.workers.length === 1 && row.scheduler !== row.workers[0]) {
    return trans.__('scheduler: %1', row.scheduler ?? trans.__('missing'));
  }
  return '';
}
