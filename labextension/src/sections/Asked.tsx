/** A cluster that was asked for here and is not in the account yet. */

import type { ReactElement } from 'react';

import { Button } from '../components/Button';
import { Icon } from '../components/Icon';
import { Sentence } from '../components/Reason';
import { useTrans } from '../components/translation';
import type { IAsked } from '../model/starting';

interface IAskedItemProps {
  asked: IAsked;
  onDismiss: (key: number) => void;
}

/** It waits for the gateway, or says why it was not started. */
export function AskedItem({ asked, onDismiss }: IAskedItemProps): ReactElement {
  const trans = useTrans();
  const { key, name, error } = asked;
  return (
    <li className="gh-cluster">
      <Icon mark={error ? 'stop' : 'starting'} tone={error ? 'bad' : 'info'} />
      <div>
        <div className="gh-strong gh-cut">{name}</div>
        <div>{error ? trans.__('not started') : trans.__('asked, waiting for the gateway')}</div>
        {error && (
          <div className="gh-more" role="alert">
            <p className="gh-small">
              <Sentence text={error.message} reason={error.reason} />
            </p>
            <div className="gh-buttons">
              <Button label={trans.__('Dismiss %1', name)} onClick={() => onDismiss(key)}>
                {trans.__('Dismiss')}
              </Button>
            </div>
          </div>
        )}
      </div>
    </li>
  );
}
