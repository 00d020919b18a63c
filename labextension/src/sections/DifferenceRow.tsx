/** One package or module in kernel and workers: how bad it is, and on demand why. */

import { ReactElement, useId, useState } from 'react';

import { Icon, Mark, Tone } from '../components/Icon';
import { useTrans } from '../components/translation';
import type { PackageComparison, Severity } from '../contract';
import { fullTime, span } from '../format';

type Trans = ReturnType<typeof useTrans>;

/** Characters that fit into one of the two columns; what is longer, and the same on both sides, is written over both. */
const NARROW = 8;

interface IRowProps {
  row: PackageComparison;
  /** How many workers were asked. */
  workers: number;
  /** The time in milliseconds. */
  now: number;
}

/** The name is a button where there is something to tell: it shows the whole sentence. */
export function DifferenceRow({ row, workers, now }: IRowProps): ReactElement {
  const trans = useTrans();
  const [open, setOpen] = useState(false);
  const why = useId();
  const none = trans.__('missing');
  const mine = row.edited_at ? trans.__('edited') : (row.kernel ?? none);
  const found = row.workers.length > 0 ? row.workers : [row.scheduler];
  const others = found.filter(version => version !== row.kernel);
  const theirs = (others.length > 0 ? others : found).map(version => version ?? none).join(', ');
  const wide = row.verdict === 'same' && mine.length > NARROW;
  const note = words(row, workers, now, trans);
  return (
    <div role="row">
      <Icon {...mark(row)} />
      <span className="gh-strong gh-cut" role="rowheader" title={row.name}>
        {row.why ? (
          <button
            type="button"
            className="gh-why"
            aria-expanded={open}
            aria-controls={why}
            onClick={() => setOpen(!open)}
          >
            {row.name}
          </button>
        ) : (
          row.name
        )}
      </span>
      <span
        className={wide ? 'gh-cut gh-both' : 'gh-cut'}
        role="cell"
        aria-colspan={wide ? 2 : undefined}
        title={row.kernel ?? none}
      >
        {mine}
      </span>
      {!wide && (
        <span className="gh-cut" role="cell" title={theirs}>
          {theirs}
        </span>
      )}
      {note && (
        <span
          className="gh-wide gh-small gh-dim"
          role="cell"
          title={row.edited_at ? fullTime(row.edited_at) : undefined}
        >
          {note}
        </span>
      )}
      <span id={why} className="gh-wide gh-small" role="cell" hidden={!open}>
        {open && row.why}
      </span>
    </div>
  );
}

function mark(row: PackageComparison): { mark: Mark; tone: Tone } {
  if (row.verdict === 'same') {
    return { mark: 'done', tone: 'ok' };
  }
  const marks: Record<Severity, { mark: Mark; tone: Tone }> = {
    critical: { mark: 'alert', tone: 'bad' },
    imported: { mark: 'warning', tone: 'warn' },
    other: { mark: 'missing', tone: 'calm' }
  };
  return marks[row.severity];
}

/** Severity, what may happen, and where, if it is not everywhere. */
function words(row: PackageComparison, workers: number, now: number, trans: Trans): string {
  if (row.verdict === 'same' || (row.severity === 'other' && !row.effect)) {
    return '';
  }
  const severities: Record<Severity, string> = {
    critical: trans.__('High'),
    imported: trans.__('Medium'),
    other: trans.__('Low')
  };
  const place = where(row, workers, trans);
  const text = trans.__('%1: %2', severities[row.severity], effect(row, now, trans));
  return place ? `${text}, ${place}` : text;
}

function effect(row: PackageComparison, now: number, trans: Trans): string {
  if (row.edited_at === null) {
    return row.effect;
  }
  const minutes = (now - new Date(row.edited_at).getTime()) / 60_000;
  return trans.__('your edit of %1 ago is not there', span(Math.max(0, minutes), trans));
}

function where(row: PackageComparison, workers: number, trans: Trans): string {
  if (workers > 0 && row.differing === 0) {
    const found = row.scheduler ?? trans.__('missing');
    return trans.__('scheduler: %1', found);
  }
  return row.differing < workers
    ? trans.__('%1 of %2 workers, such as %3', row.differing, workers, row.example ?? '')
    : '';
}
