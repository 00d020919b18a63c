/** A switch with its state in a word. */

import type { ReactElement } from 'react';

interface ISwitchProps {
  label: string;
  on: boolean;
  /** The state in a word. */
  word: string;
  disabled?: boolean;
  /** What it does, or why it is disabled. */
  hint?: string | undefined;
  onChange: (on: boolean) => void;
}

/** Acts at once. Disabled, it keeps its place and says why. */
export function Switch({ label, on, word, disabled, hint, onChange }: ISwitchProps): ReactElement {
  return (
    <>
      <button
        type="button"
        role="switch"
        className="gh-switch"
        aria-checked={on}
        aria-label={label}
        aria-disabled={disabled ?? false}
        title={hint}
        onClick={disabled ? undefined : () => onChange(!on)}
      />
      <span aria-hidden="true">{word}</span>
    </>
  );
}
