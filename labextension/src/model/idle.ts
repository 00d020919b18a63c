/** How much longer something may stay unused: the choices that a person is offered. Pure. */

import type { ClusterView, ServerView } from '../contract';

const HOUR = 3600;

/** Return the longer idle times to choose from, in seconds: 1 h, 2 h and the longest that the profile allows. */
export function idleChoices({
  idle_seconds: now,
  idle_max_seconds: longest,
  state
}: Pick<ServerView | ClusterView, 'idle_seconds' | 'idle_max_seconds' | 'state'>): readonly number[] {
  if (now === 0 || state !== 'running') {
    return [];
  }
  const offered = [HOUR, 2 * HOUR, longest].filter(seconds => seconds > now && seconds <= longest);
  return [...new Set(offered)].sort((one, other) => one - other);
}
