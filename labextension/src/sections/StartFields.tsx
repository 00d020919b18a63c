/** Name, workers and whom to charge; and whatever further fields the gateway offers, as it describes them. */

import { ReactElement, ReactNode, useEffect, useId, useRef } from 'react';

import { Icon } from '../components/Icon';
import { useTrans } from '../components/translation';
import type { GroupOffer, OptionField } from '../contract';
import { money, whole } from '../format';
import type { ICard } from '../model/choices';
import { numberIn } from '../model/choices';

/** What stands in the fields, as text. */
export interface IFieldsState {
  readonly name: string;
  readonly workers: string;
  /** Empty: not chosen here. */
  readonly chargeTo: string;
  readonly further: Readonly<Record<string, string>>;
}

interface IStartFieldsProps {
  fields: readonly OptionField[];
  /** Whether a cluster can have a name. */
  named: boolean;
  /** The most workers; null: the gateway takes no number with the start. */
  most: number | null;
  /** Whether the number of workers is one. */
  valid: boolean;
  card: ICard;
  group: GroupOffer;
  currency: string;
  state: IFieldsState;
  onChange: (change: Partial<IFieldsState>) => void;
}

/** One line for each. The focus begins at the workers. */
export function StartFields(props: IStartFieldsProps): ReactElement {
  const { fields, named, most, state, onChange } = props;
  return (
    <div className="gh-form">
      {named && <Name {...props} />}
      {most !== null && <Workers {...props} most={most} />}
      <ChargeTo {...props} />
      {fields.map(field => (
        <Further
          key={field.name}
          field={field}
          text={state.further[field.name] ?? ''}
          onChange={text => onChange({ further: { ...state.further, [field.name]: text } })}
        />
      ))}
    </div>
  );
}

function Line({ label, id, children }: { label: string; id: string; children: ReactNode }): ReactElement {
  return (
    <>
      <label className="gh-dim" htmlFor={id}>
        {label}
      </label>
      <div>{children}</div>
    </>
  );
}

function Name({ card, state, onChange }: IStartFieldsProps): ReactElement {
  const trans = useTrans();
  const id = useId();
  return (
    <Line label={trans.__('Name')} id={id}>
      <input
        id={id}
        className="gh-input wide"
        type="text"
        maxLength={64}
        autoComplete="off"
        placeholder={card.offer.name}
        value={state.name}
        onChange={event => onChange({ name: event.target.value })}
      />
    </Line>
  );
}

function Workers({ most, valid, state, onChange }: IStartFieldsProps & { most: number }): ReactElement {
  const trans = useTrans();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  return (
    <Line label={trans.__('Workers')} id={id}>
      <input
        ref={input}
        id={id}
        className="gh-input"
        type="number"
        min={1}
        max={most}
        step={1}
        aria-invalid={!valid}
        aria-describedby={`${id}-range`}
        value={state.workers}
        onChange={event => onChange({ workers: event.target.value })}
      />
      <span className="gh-small gh-state" id={`${id}-range`}>
        {!valid && <Icon mark="warning" tone="warn" />}
        <span className={valid ? 'gh-dim' : ''}>
          {valid ? trans.__('1 to %1', whole(most)) : trans.__('A whole number from 1 to %1', whole(most))}
        </span>
      </span>
    </Line>
  );
}

function ChargeTo({ card, group, currency, onChange }: IStartFieldsProps): ReactElement {
  const trans = useTrans();
  const id = useId();
  return (
    <Line label={trans.__('Charge to')} id={id}>
      {card.groups.length > 1 ? (
        <span className="gh-select wide">
          <select id={id} value={group.group} onChange={event => onChange({ chargeTo: event.target.value })}>
            {card.groups.map(one => (
              <option key={one.group} value={one.group}>
                {one.title}
              </option>
            ))}
          </select>
          <Icon mark="open" />
        </span>
      ) : (
        <output id={id}>{group.title}</output>
      )}
      <Left group={group} currency={currency} />
    </Line>
  );
}

/** What is left of the budget that binds first: the person's own, else the group's. */
function Left({
  group: { balance },
  currency
}: Pick<IStartFieldsProps, 'group' | 'currency'>): ReactElement | null {
  const trans = useTrans();
  const own = balance.my_budget !== null;
  const budget = own ? balance.my_budget : balance.budget;
  if (budget === null) {
    return null;
  }
  const left = Math.max(0, Number(budget) - Number(own ? balance.mine : balance.spent));
  const [some, all] = [money(left, currency), money(budget, currency)];
  return (
    <span className="gh-small gh-dim">
      {own ? trans.__('%1 of your %2 left', some, all) : trans.__("%1 of the group's %2 left", some, all)}
    </span>
  );
}

interface IFurtherProps {
  field: OptionField;
  text: string;
  onChange: (text: string) => void;
}

function Further({ field, text, onChange }: IFurtherProps): ReactElement {
  const id = useId();
  return (
    <Line label={field.label} id={id}>
      <Control id={id} field={field} text={text} onChange={onChange} />
    </Line>
  );
}

function Control({ id, field, text, onChange }: IFurtherProps & { id: string }): ReactElement {
  switch (field.type) {
    case 'select':
      return (
        <span className="gh-select wide">
          <select id={id} value={text} onChange={event => onChange(event.target.value)}>
            {field.choices.map(choice => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
          <Icon mark="open" />
        </span>
      );
    case 'bool':
      return (
        <input
          id={id}
          type="checkbox"
          checked={text === 'true'}
          onChange={event => onChange(String(event.target.checked))}
        />
      );
    case 'int':
    case 'float':
      return (
        <input
          id={id}
          className="gh-input"
          type="number"
          min={field.min ?? undefined}
          max={field.max ?? undefined}
          step={field.type === 'int' ? 1 : 'any'}
          aria-invalid={numberIn(text, field) === null}
          value={text}
          onChange={event => onChange(event.target.value)}
        />
      );
    default:
      return (
        <input
          id={id}
          className="gh-input wide"
          type="text"
          value={text}
          onChange={event => onChange(event.target.value)}
        />
      );
  }
}
