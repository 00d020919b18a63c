/** The lines that a person sees of a cluster's logs: by process and level, with what was decided between them. Pure. */

import type { ClusterLogs, DecisionRow, LogLine } from '../contract';

/** What decided; it stands where the name of a process stands. */
export const DECIDER = 'gatehouse';

/** Which lines are wanted. */
export interface IChoice {
  /** Name of a process, or `gatehouse`; empty: all. */
  readonly source: string;
  /** Only warnings and worse. */
  readonly serious: boolean;
}

const SERIOUS: readonly (LogLine['level'] | undefined)[] = ['warning', 'error', 'critical'];

/** Return a name as it is shown: of a worker's, which is long, as much as tells it from others. */
export function shortName(source: string): string {
  return source.startsWith('worker-') ? source.slice(0, 'worker-'.length + 8) : source;
}

/** Return the chosen lines, the newest first. */
export function chosenLines(
  logs: ClusterLogs | null,
  decisions: readonly DecisionRow[],
  { source, serious }: IChoice
): readonly LogLine[] {
  const told = source === '' || source === DECIDER ? decisions.map(asLine) : [];
  const written = (logs?.lines ?? []).filter(line => source === '' || line.source === source);
  const merged = merge(written, told);
  return serious ? seriousOf(merged) : merged;
}

/** A decision as a line: a cut is a warning. */
function asLine({ at, reason, message, allowed }: DecisionRow): LogLine {
  const level = allowed && reason === null ? 'info' : 'warning';
  return { at, level, source: DECIDER, text: reason === null ? message : `${message} [${reason}]` };
}

/** Put decisions, newest first, between lines, newest first; a line without a time stays where it is. */
function merge(lines: readonly LogLine[], told: readonly LogLine[]): readonly LogLine[] {
  const waiting = [...told];
  const merged: LogLine[] = [];
  for (const [number, line] of lines.entries()) {
    const at = line.at ?? lines.slice(number).find(older => older.source === line.source && older.at)?.at;
    while (waiting[0]?.at && at && Date.parse(waiting[0].at) > Date.parse(at)) {
      merged.push(...waiting.splice(0, 1));
    }
    merged.push(line);
  }
  return [...merged, ...waiting];
}

/** Keep warnings and worse, with the lines that go on from them, such as a traceback. */
function seriousOf(lines: readonly LogLine[]): readonly LogLine[] {
  const last = new Map<string, LogLine['level']>();
  const kept = [...lines].reverse().filter(line => {
    const level = line.level ?? last.get(line.source) ?? null;
    last.set(line.source, level);
    return SERIOUS.includes(level);
  });
  return kept.reverse();
}
