/** A row of tabs, and what belongs to the one in front. */

import { KeyboardEvent, ReactElement, ReactNode, useId } from 'react';

/** One tab. */
export interface ITab<T extends string> {
  readonly id: T;
  readonly text: string;
  readonly count?: number | undefined;
}

interface ITabsProps<T extends string> {
  label: string;
  tabs: readonly ITab<T>[];
  chosen: T;
  onChoose: (tab: T) => void;
  /** At the right end of the row. */
  end?: ReactNode;
  children: ReactNode;
}

/** Arrows, Home and End go through the tabs, as ARIA's pattern has it. */
export function Tabs<T extends string>(props: ITabsProps<T>): ReactElement {
  const { label, tabs, chosen, onChoose, end, children } = props;
  const id = useId();
  const onKeyDown = (key: KeyboardEvent<HTMLElement>): void => {
    const to = target(key.key, tabs.length, tabs.map(tab => tab.id).indexOf(chosen));
    const next = to === null ? undefined : tabs[to];
    if (next) {
      key.preventDefault();
      onChoose(next.id);
      key.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[to ?? 0]?.focus();
    }
  };
  return (
    <>
      <div className="gh-tabs">
        <div role="tablist" tabIndex={-1} aria-label={label} onKeyDown={onKeyDown}>
          {tabs.map(tab => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`${id}-${tab.id}`}
              aria-selected={tab.id === chosen}
              aria-controls={`${id}-panel`}
              tabIndex={tab.id === chosen ? 0 : -1}
              onClick={() => onChoose(tab.id)}
            >
              {tab.text} {tab.count !== undefined && <span className="gh-small">{tab.count}</span>}
            </button>
          ))}
        </div>
        <div className="gh-end">{end}</div>
      </div>
      <div className="gh-tabpanel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`}>
        {children}
      </div>
    </>
  );
}

function target(key: string, count: number, now: number): number | null {
  const moves: Readonly<Record<string, number>> = {
    ArrowRight: (now + 1) % count,
    ArrowLeft: (now + count - 1) % count,
    Home: 0,
    End: count - 1
  };
  return moves[key] ?? null;
}
