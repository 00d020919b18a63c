/** A slider over whole numbers. */

import type { CSSProperties, ReactElement } from 'react';

import { IRange, slid } from './steps';

interface ISliderProps extends IRange {
  label: string;
  value: number;
  /** The value in words. */
  words: string;
  disabled?: boolean;
  /** Why it is disabled. */
  hint?: string | undefined;
  onChange: (value: number) => void;
  /** Enter was pressed: do not wait. */
  onEnter: () => void;
}

/** Arrows step by 1, PageUp and PageDown by 10, Home and End go to the ends, in every browser. */
export function Slider(props: ISliderProps): ReactElement {
  const { label, words, min, max, disabled, hint, onChange, onEnter } = props;
  const value = Math.min(max, Math.max(min, props.value));
  const share = max > min ? (value - min) / (max - min) : 0;
  return (
    <input
      type="range"
      className="gh-slider"
      aria-label={label}
      aria-valuetext={words}
      min={min}
      max={max}
      step={1}
      value={value}
      disabled={disabled}
      title={hint}
      style={{ '--at': share } as CSSProperties}
      onChange={event => onChange(Number(event.currentTarget.value))}
      onKeyDown={event => {
        const next = slid(event.key, value, { min, max });
        if (next !== null) {
          event.preventDefault();
          onChange(next);
        } else if (event.key === 'Enter') {
          onEnter();
        }
      }}
    />
  );
}
