/** A whole number to type or to step. */

import { ReactElement, useState } from 'react';

import { IRange, stepped } from './steps';

interface ICountProps extends IRange {
  label: string;
  value: number;
  disabled?: boolean;
  /** What it is for, or why it is disabled. */
  hint?: string | undefined;
  onChange: (value: number) => void;
  /** What is typed is no such number. */
  onInvalid: () => void;
  /** Enter was pressed: do not wait. */
  onEnter: () => void;
}

/** What is typed stays until it is left; only what lies within the range is passed on. */
export function Count(props: ICountProps): ReactElement {
  const { label, value, min, max, disabled, hint, onChange, onInvalid, onEnter } = props;
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      type="number"
      className="gh-count"
      aria-label={label}
      aria-invalid={typed !== null && read(typed, props) === null}
      min={min}
      max={max}
      step={1}
      value={typed ?? value}
      disabled={disabled}
      title={hint}
      onChange={event => {
        const text = event.currentTarget.value;
        setTyped(text);
        const number = read(text, { min, max });
        if (number === null) {
          onInvalid();
        } else {
          onChange(number);
        }
      }}
      onBlur={() => setTyped(null)}
      onKeyDown={event => {
        const next = stepped(event.key, value, { min, max });
        if (next !== null) {
          event.preventDefault();
          setTyped(null);
          onChange(next);
        } else if (event.key === 'Enter') {
          onEnter();
        }
      }}
    />
  );
}

function read(text: string, { min, max }: IRange): number | null {
  const number = Number(text);
  return text !== '' && Number.isInteger(number) && number >= min && number <= max ? number : null;
}
