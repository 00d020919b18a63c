/** The form of a new cluster. Enter starts; a refusal is said here, and the focus stays where it was. */

import { FormEvent, ReactElement, useEffect, useMemo, useRef, useState } from 'react';

import { useModel } from '../components/hooks';
import { useTrans } from '../components/translation';
import type { OptionField, Quote } from '../contract';
import { rate } from '../format';
import { cards, furtherFields, ICard, numberIn, offerOf, startRequest, Value } from '../model/choices';
import { IQuoteState, QuoteModel } from '../model/quote';
import type { IWish, StartingModel } from '../model/starting';
import { ServiceError, toServiceError } from '../request';
import type { IAccountModel } from '../tokens';
import { type IChoices, Refusal } from './NewCluster';
import { ProfileCards } from './ProfileCards';
import { QuoteView } from './QuoteView';
import { IFieldsState, StartFields } from './StartFields';

interface IStartFormProps extends IChoices {
  starting: StartingModel;
  account: IAccountModel;
  chargeTo: string;
  onClose: () => void;
}

/** Cards, fields, quote, buttons. */
export function StartForm(props: IStartFormProps): ReactElement {
  const { offers, fields, chargeTo, onClose } = props;
  const trans = useTrans();
  const offered = useMemo(() => cards(offers, chargeTo), [offers, chargeTo]);
  const [profile, setProfile] = useState(() => firstOf(offered));
  const [state, setState] = useState<IFieldsState>(() => initial(fields));
  const card = offered.find(one => one.offer.name === profile);
  const group = card?.groups.find(one => one.group === state.chargeTo) ?? card?.group;
  const offer = group && offerOf(group, profile);
  const scales = fields.some(({ name }) => name === 'workers');
  const workers = scales ? numberIn(state.workers, { type: 'int', min: 1, max: offer?.workers_max ?? 1 }) : 0;
  const wish = offer && workers !== null ? { profile, workers, chargeTo: group.group } : null;
  const quote = useQuote(props, wish);
  const { error, busy, submit } = useStart(props, () =>
    wish && offer
      ? {
          request: startRequest(fields, { ...wish, name: state.name, further: values(fields, state) }),
          name: state.name.trim() || offer.title
        }
      : null
  );
  return (
    <form className="gh-dialog-body" noValidate onSubmit={submit}>
      <ProfileCards cards={offered} chosen={profile} currency={offers.currency} onChoose={setProfile} />
      {card && group && (
        <StartFields
          fields={furtherFields(fields)}
          named={fields.some(({ name }) => name === 'name')}
          most={scales ? (offer?.workers_max ?? 1) : null}
          valid={workers !== null}
          card={card}
          group={group}
          currency={offers.currency}
          state={state}
          onChange={change => setState({ ...state, ...change })}
        />
      )}
      {offer && workers !== null && (
        <QuoteView {...quote} offer={offer} group={group} currency={offers.currency} />
      )}
      {error && <Refusal error={error} />}
      <div className="gh-dialog-foot">
        <span className="gh-small gh-dim" role="status">
          {busy ? trans.__('Asking the gateway.') : ''}
        </span>
        <button type="button" className="gh-button" onClick={onClose}>
          {trans.__('Cancel')}
        </button>
        <StartButton wish={wish} quote={quote.last} busy={busy} currency={offers.currency} />
      </div>
    </form>
  );
}

interface IStartButtonProps {
  wish: IWish | null;
  quote: Quote | null;
  busy: boolean;
  currency: string;
}

/** It says what it costs. Where the quote says no it can be pressed all the same: the gateway decides, not the quote. */
function StartButton({ wish, quote, busy, currency }: IStartButtonProps): ReactElement {
  const trans = useTrans();
  const off = busy || wish === null;
  return (
    <button
      className="gh-button primary"
      aria-disabled={off}
      title={wish === null ? trans.__('Choose a profile and a number of workers first') : undefined}
    >
      {quote?.allowed
        ? trans.__('Start for %1', rate(quote.granted_price_per_hour, currency))
        : trans.__('Start')}
    </button>
  );
}

function firstOf(offered: readonly ICard[]): string {
  return offered.find(card => card.offer.available)?.offer.name ?? '';
}

function initial(fields: readonly OptionField[]): IFieldsState {
  const further = Object.fromEntries(furtherFields(fields).map(field => [field.name, String(field.default)]));
  const name = fields.find(field => field.name === 'name')?.default;
  return { name: String(name ?? ''), workers: '2', chargeTo: '', further };
}

/** The further fields' values in the types that the gateway wants; a number that is none is sent as it is written. */
function values(fields: readonly OptionField[], { further }: IFieldsState): Record<string, Value> {
  return Object.fromEntries(
    furtherFields(fields).map((field): [string, Value] => {
      const text = further[field.name] ?? '';
      switch (field.type) {
        case 'bool':
          return [field.name, text === 'true'];
        case 'int':
        case 'float':
          return [field.name, numberIn(text, { type: field.type, min: null, max: null }) ?? text];
        default:
          return [field.name, text];
      }
    })
  );
}

/** The quote for what is chosen now: asked anew after a rest, and when the account changes. */
function useQuote({ starting, account }: IStartFormProps, wish: IWish | null): IQuoteState {
  const [model] = useState(() => new QuoteModel(asked => starting.source.quote(asked)));
  const { account: known } = useModel(account);
  const key = JSON.stringify(wish);
  useEffect(() => model.look(JSON.parse(key) as IWish | null), [model, key, known]);
  useEffect(() => () => model.dispose(), [model]);
  return useModel(model);
}

interface IStart {
  error: ServiceError | null;
  busy: boolean;
  submit: (event: FormEvent) => void;
}

type Asked = Parameters<StartingModel['start']>;

/** Start what `asked` says, once at a time; null: it cannot be asked for. */
function useStart(
  { starting, onClose }: IStartFormProps,
  asked: () => { request: Asked[0]; name: string } | null
): IStart {
  const [error, setError] = useState<ServiceError | null>(null);
  const [busy, setBusy] = useState(false);
  const open = useRef(true);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);
  const start = async (): Promise<void> => {
    const now = asked();
    if (busy || now === null) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await starting.start(now.request, now.name, () => open.current);
      onClose();
    } catch (cause) {
      if (open.current) {
        setError(toServiceError(cause));
        setBusy(false);
      }
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void start();
  };
  return { error, busy, submit };
}
