/** What the service says about a server or cluster: a sentence with its code. */

import type { ReactElement } from 'react';

import type { ClusterView, ServerView } from '../contract';
import { Icon } from './Icon';
import { Sentence } from './Reason';

/** Nothing where it says nothing. */
export function Note({ thing }: { thing: ServerView | ClusterView }): ReactElement | null {
  if (!thing.message) {
    return null;
  }
  return (
    <p className="gh-note">
      <Icon mark="wait" tone="calm" />
      <span>
        <Sentence text={thing.message} reason={thing.reason} />
      </span>
    </p>
  );
}

/** Whether it says that it stops soon for want of use: then keeping it is offered at once. */
export function isIdle(thing: ServerView | ClusterView): boolean {
  return thing.state === 'running' && thing.reason === 'idle';
}
