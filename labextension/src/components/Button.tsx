/** A button of the panel. */

import type { ReactElement, ReactNode } from 'react';

interface IButtonProps {
  children: ReactNode;
  onClick: () => void;
  primary?: boolean;
  disabled?: boolean;
  /** Why it is disabled, or what it does: shown on hover, and read after its name. */
  hint?: string | undefined;
  /** Its name, where its text is not enough of one. */
  label?: string | undefined;
}

/** Says what it does; where it cannot, it keeps its place and says why. */
export function Button({ children, onClick, primary, disabled, hint, label }: IButtonProps): ReactElement {
  return (
    <button
      type="button"
      className={primary ? 'gh-button primary' : 'gh-button'}
      aria-disabled={disabled ?? false}
      aria-label={label}
      title={hint}
      onClick={disabled ? undefined : onClick}
    >
      {children}
    </button>
  );
}
