/** Why: a sentence with its code in brackets. */

import type { ReactElement } from 'react';

import type { Reason as Code } from '../contract';

/** The code, as every refusal ends with it. */
export function ReasonCode({ code }: { code: Code }): ReactElement {
  return <span className="gh-reason">[{code}]</span>;
}

/** A sentence and, where there is one, its code. */
export function Sentence({ text, reason }: { text: string; reason: Code | null }): ReactElement {
  return (
    <>
      {text} {reason && <ReasonCode code={reason} />}
    </>
  );
}
