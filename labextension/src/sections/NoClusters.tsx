/** In place of the list: how a cluster is made, and what the chosen group offers. */

import { ReactElement, useEffect, useState } from 'react';

import { useTrans } from '../components/translation';
import type { Offers } from '../contract';
import { duration, rate } from '../format';
import { clusterProfiles } from '../model/choices';
import type { StartingModel } from '../model/starting';

interface INoClustersProps {
  /** The group that would be charged. */
  group: string;
  starting: StartingModel;
  onNew: () => void;
}

/** The button, and beside it the code that does the same. */
export function NoClusters({ group, starting, onNew }: INoClustersProps): ReactElement {
  const trans = useTrans();
  return (
    <div className="gh-rows nested">
      <p>
        {trans.__('No clusters.')} <span className="gh-code">Gateway().new_cluster()</span>{' '}
        {trans.__('works in any notebook, or press New cluster.')}
      </p>
      <div className="gh-buttons">
        <button type="button" className="gh-button primary" aria-haspopup="dialog" onClick={onNew}>
          <PlusIcon />
          {trans.__('New cluster')}
        </button>
      </div>
      <Offered group={group} starting={starting} />
    </div>
  );
}

/** What the group offers, asked once; nothing where nobody answers, since New says why. */
function Offered({ group, starting: { source } }: Omit<INoClustersProps, 'onNew'>): ReactElement | null {
  const trans = useTrans();
  const [known, setKnown] = useState<Offers | null>(null);
  useEffect(() => {
    let shown = true;
    source.offers().then(
      answer => shown && setKnown(answer),
      () => undefined
    );
    return () => {
      shown = false;
    };
  }, [source]);
  const found = known?.groups.find(one => one.group === group);
  const profiles = found ? clusterProfiles(found) : [];
  if (!known || !found || profiles.length === 0) {
    return null;
  }
  const idle = [...new Set(profiles.map(profile => profile.idle_seconds))].filter(seconds => seconds > 0);
  return (
    <div>
      <p className="gh-small gh-dim">{trans.__('What you may start in %1', found.title)}</p>
      <dl className="gh-kv">
        {profiles.map(profile => (
          <Row key={profile.name} term={profile.title} strong>
            {trans.__('%1 each', rate(profile.price_per_hour, known.currency))}
          </Row>
        ))}
        {idle.length > 0 && <Row term={trans.__('Stops when idle')}>{idle.map(duration).join(', ')}</Row>}
      </dl>
    </div>
  );
}

function Row({ term, strong, children }: { term: string; strong?: boolean; children: string }): ReactElement {
  return (
    <>
      <dt className={strong ? 'gh-plain' : undefined}>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A plus. */
export function PlusIcon(): ReactElement {
  return (
    <svg className="gh-i" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 3.5v9M3.5 8h9" />
    </svg>
  );
}
