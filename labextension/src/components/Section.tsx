/** A part of the panel that can be closed. */

import { ReactElement, ReactNode, useId } from 'react';

import { Icon } from './Icon';

interface ISectionProps {
  title: string;
  /** How many things are inside, beside the title. */
  count?: number | undefined;
  /** At the right end of the title line. */
  end?: ReactNode;
  open: boolean;
  onToggle: (open: boolean) => void;
  children: ReactNode;
}

/** A region with a heading; the caret opens and closes it. */
export function Section({ title, count, end, open, onToggle, children }: ISectionProps): ReactElement {
  const id = useId();
  return (
    <section className="gh-section" aria-label={title}>
      <div className="gh-section-title">
        <button
          type="button"
          className="gh-caret"
          aria-expanded={open}
          aria-controls={id}
          aria-label={title}
          onClick={() => onToggle(!open)}
        >
          <Icon mark={open ? 'open' : 'closed'} tone="calm" />
        </button>
        <h3>{title}</h3>
        {count !== undefined && count > 0 && <span className="gh-dim gh-small">{count}</span>}
        <span className="gh-end">{end}</span>
      </div>
      <div id={id} hidden={!open}>
        {open && children}
      </div>
    </section>
  );
}
