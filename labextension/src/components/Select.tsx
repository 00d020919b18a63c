/** A choice among a few. */

import { ReactElement, useId } from 'react';

import { Icon } from './Icon';

interface ISelectProps {
  label: string;
  value: string;
  options: readonly { readonly value: string; readonly text: string }[];
  onChoose: (value: string) => void;
  /** Show the label for readers only. */
  quiet?: boolean;
}

/** The host's own list box, drawn as the mocks do; a choice of one is shown as text. */
export function Select({ label, value, options, onChoose, quiet }: ISelectProps): ReactElement {
  const id = useId();
  const only = options.length === 1 ? options[0] : undefined;
  return (
    <>
      <label className={quiet ? 'gh-readers' : 'gh-dim gh-small gh-quiet-narrow'} htmlFor={id}>
        {label}
      </label>
      {only ? (
        <output id={id} className="gh-only">
          {only.text}
        </output>
      ) : (
        <span className="gh-select">
          <select id={id} value={value} onChange={change => onChoose(change.target.value)}>
            {options.map(option => (
              <option key={option.value} value={option.value}>
                {option.text}
              </option>
            ))}
          </select>
          <Icon mark="open" />
        </span>
      )}
    </>
  );
}
