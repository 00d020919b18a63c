/** The marks: 16 px line drawings. A mark never stands for a word alone, so it is hidden from readers. */

import type { ReactElement } from 'react';

/** What a mark says by its colour. */
export type Tone = 'ok' | 'warn' | 'bad' | 'calm' | 'info';

const CIRCLE = <circle cx="8" cy="8" r="6" />;
const DRAWINGS = {
  alert: (
    <>
      {CIRCLE}
      <path d="M8 4.9v3.8M8 10.9v.1" />
    </>
  ),
  away: <path d="M2 2l12 12M4.3 6.2A3.6 3.6 0 0 0 5 13h6.6M6.6 4A4 4 0 0 1 12 7.2 3 3 0 0 1 14 11" />,
  closed: <path d="M6.5 4.5 10 8l-3.5 3.5" />,
  done: (
    <>
      {CIRCLE}
      <path d="m5.4 8.2 1.8 1.8 3.4-3.7" />
    </>
  ),
  down: <path d="M8 2.5v7M5 6.8 8 9.8l3-3M3 13.2h10" />,
  hint: <path d="M6 11.2C4.6 10.3 4 9.1 4 7.7a4 4 0 0 1 8 0c0 1.4-.6 2.6-2 3.5v1.3H6zM6.5 14.3h3" />,
  info: (
    <>
      {CIRCLE}
      <path d="M8 7.4v3.4M8 5.1v.1" />
    </>
  ),
  missing: (
    <>
      {CIRCLE}
      <path d="M5.5 8h5" />
    </>
  ),
  open: <path d="M4.5 6.5 8 10l3.5-3.5" />,
  paused: (
    <>
      {CIRCLE}
      <path d="M6.5 6v4M9.5 6v4" />
    </>
  ),
  person: (
    <>
      <circle cx="8" cy="5.4" r="2.7" />
      <path d="M2.8 13.5c.6-2.8 2.6-4.2 5.2-4.2s4.6 1.4 5.2 4.2" />
    </>
  ),
  running: (
    <>
      {CIRCLE}
      <path className="f" d="M6.6 5.4v5.2L10.8 8z" />
    </>
  ),
  starting: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.6 2.1" />
      <path d="M8 5v3.2l2 1.3" />
    </>
  ),
  stop: (
    <>
      <path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5z" />
      <path d="M8 4.9v3.8M8 10.9v.1" />
    </>
  ),
  wait: (
    <>
      {CIRCLE}
      <path d="M8 4.7V8l2.2 1.6" />
    </>
  ),
  warning: (
    <>
      <path d="M8 2.3 14.2 13.3H1.8z" />
      <path d="M8 6.6v3.1M8 11.4v.1" />
    </>
  )
};

/** The names of the marks. */
export type Mark = keyof typeof DRAWINGS;

/** One mark. */
export function Icon({ mark, tone }: { mark: Mark; tone?: Tone }): ReactElement {
  return (
    <svg className={tone ? `gh-i ${tone}` : 'gh-i'} viewBox="0 0 16 16" aria-hidden="true">
      {DRAWINGS[mark]}
    </svg>
  );
}
