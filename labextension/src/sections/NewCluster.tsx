/** The dialog that starts a cluster: what it is, how many workers, what it costs, and whether it would start now. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { FormEvent, ReactElement, ReactNode, useEffect, useId, useRef, useState } from 'react';

import { Icon } from '../components/Icon';
import { ReasonCode } from '../components/Reason';
import { TranslationProvider, useTrans } from '../components/translation';
import type { ClusterFields, Offers } from '../contract';
import type { StartingModel } from '../model/starting';
import { ServiceError, toServiceError } from '../request';
import type { IAccountModel } from '../tokens';
import { StartForm } from './StartForm';

/** What the dialog needs. */
export interface INewClusterProps {
  trans: TranslationBundle;
  starting: StartingModel;
  account: IAccountModel;
  /** The group to charge, where it offers what is chosen; empty: the first. */
  chargeTo: string;
  onClose: () => void;
}

/** What may be chosen. */
export interface IChoices {
  readonly offers: Offers;
  readonly fields: ClusterFields['fields'];
}

/** A modal dialog of the browser: it keeps the focus inside, and Escape cancels. */
export function NewCluster({ trans, onClose, ...rest }: INewClusterProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <TranslationProvider value={trans}>
      <dialog
        ref={dialog}
        className="gh gh-dialog"
        aria-labelledby={title}
        aria-modal="true"
        onClose={onClose}
      >
        <h2 id={title}>{trans.__('New cluster')}</h2>
        <Content {...rest} onClose={() => dialog.current?.close()} />
      </dialog>
    </TranslationProvider>
  );
}

function Content({ starting, account, chargeTo, onClose }: Omit<INewClusterProps, 'trans'>): ReactElement {
  const trans = useTrans();
  const choices = useChoices(starting);
  if (choices instanceof ServiceError) {
    return (
      <Closing onClose={onClose}>
        <Refusal error={choices} />
      </Closing>
    );
  }
  if (choices === null) {
    return (
      <Closing onClose={onClose}>
        <p role="status">{trans.__('Asking what you may start and what it costs.')}</p>
      </Closing>
    );
  }
  return (
    <StartForm {...choices} starting={starting} account={account} chargeTo={chargeTo} onClose={onClose} />
  );
}

/** Ask the service and the gateway once; null: not answered yet. */
function useChoices({ source }: StartingModel): IChoices | ServiceError | null {
  const [known, setKnown] = useState<IChoices | ServiceError | null>(null);
  useEffect(() => {
    let open = true;
    Promise.all([source.offers(), source.fields()]).then(
      ([offers, { fields }]) => open && setKnown({ offers, fields }),
      (cause: unknown) => open && setKnown(toServiceError(cause))
    );
    return () => {
      open = false;
    };
  }, [source]);
  return known;
}

/** What stands in the dialog where there is no form. */
function Closing({ children, onClose }: { children: ReactNode; onClose: () => void }): ReactElement {
  const trans = useTrans();
  const close = (event: FormEvent): void => {
    event.preventDefault();
    onClose();
  };
  return (
    <form className="gh-dialog-body" onSubmit={close}>
      {children}
      <div className="gh-dialog-foot">
        <button className="gh-button">{trans.__('Close')}</button>
      </div>
    </form>
  );
}

/** Why not, with its code. */
export function Refusal({ error }: { error: ServiceError }): ReactElement {
  return (
    <p className="gh-refusal" role="alert">
      <Icon mark="stop" tone="bad" />
      <span>
        {error.message} <ReasonCode code={error.reason} />
      </span>
    </p>
  );
}
