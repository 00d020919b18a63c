/** The lines of a cluster. */

import history from '../../../tests/support/cluster_page/history.json';
import logs from '../../../tests/support/cluster_page/logs.json';
import type { ClusterHistory, ClusterLogs, LogLine } from '../contract';
import { chosenLines } from '../model/lines';

const told = logs as unknown as ClusterLogs;
const { decisions } = history as unknown as ClusterHistory;
const texts = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text.slice(0, 12));

describe('lines', () => {
  it('puts decisions between the lines by their time, and keeps what has no time in its place', () => {
    expect(texts(chosenLines(told, decisions, { source: '', serious: false }))).toEqual([
      'Shuffle of j',
      'Spilled 412 ',
      'row 41 of 96',
      'Event loop w',
      'Client sales',
      'Closed befor',
      'Production t',
      'Grown to 24 ',
      'Allowed: 63 '
    ]);
  });

  it('shows one process, or only what was decided, with its code', () => {
    expect(texts(chosenLines(told, decisions, { source: 'worker-w03', serious: false }))).toEqual([
      'row 41 of 96',
      'Event loop w'
    ]);
    const [cut] = chosenLines(told, decisions, { source: 'gatehouse', serious: false });
    expect(cut?.text).toBe('Production took back 12 borrowed cores; results are kept. [reclaimed]');
  });

  it('keeps warnings and worse, with the lines that go on from them', () => {
    expect(texts(chosenLines(told, decisions, { source: '', serious: true }))).toEqual([
      'row 41 of 96',
      'Event loop w',
      'Closed befor',
      'Production t',
      'Grown to 24 '
    ]);
  });

  it('has the decisions before the gateway has answered', () => {
    expect(chosenLines(null, decisions, { source: '', serious: false })).toHaveLength(3);
  });
});
