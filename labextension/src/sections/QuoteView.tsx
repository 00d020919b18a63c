/** What would start now and what it would cost. Solid: within the quota; hatched: borrowed; empty: waits. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { CSSProperties, ReactElement } from 'react';

import { Icon } from '../components/Icon';
import { ReasonCode, Sentence } from '../components/Reason';
import { useTrans } from '../components/translation';
import type { GroupOffer, ProfileOffer, Quote } from '../contract';
import { duration, money, rate, span, whole } from '../format';
import type { IQuoteState } from '../model/quote';

interface IAbout {
  offer: ProfileOffer;
  group: GroupOffer;
  currency: string;
}

/** The newest answer; it stays, greyed, while the next one is on its way. */
export function QuoteView({ asking, last, error, ...about }: IQuoteState & IAbout): ReactElement {
  const trans = useTrans();
  return (
    <section
      className={asking && last ? 'gh-quote gh-stale' : 'gh-quote'}
      role="status"
      aria-live="polite"
      aria-label={trans.__('Quote')}
      aria-busy={asking}
    >
      {error && (
        <p>
          {trans.__('There is no quote:')} <Sentence text={error.message} reason={error.reason} />
        </p>
      )}
      {last ? (
        <Answer quote={last} {...about} />
      ) : (
        !error && <p className="gh-dim">{trans.__('Asking what of it would start now.')}</p>
      )}
    </section>
  );
}

function Answer({ quote, ...about }: { quote: Quote } & IAbout): ReactElement {
  const short = quote.allowed && quote.granted < quote.workers;
  return (
    <>
      <Headline quote={quote} />
      {quote.allowed && quote.workers > 0 && <Parts quote={quote} group={about.group} />}
      {short && quote.cause && <p className="gh-small">{capital(quote.cause)}</p>}
      {quote.allowed ? <Prices quote={quote} {...about} /> : <p>{quote.message}</p>}
      {quote.allowed && <Ends quote={quote} {...about} />}
    </>
  );
}

function Headline({ quote }: { quote: Quote }): ReactElement {
  const trans = useTrans();
  const { granted, workers, reason } = quote;
  const waiting = workers - granted;
  const words = (): string => {
    if (!quote.allowed) {
      return trans.__('This would not start now');
    }
    if (workers === 0) {
      return trans.__('The scheduler starts now');
    }
    if (waiting === 0) {
      return trans._n('The worker starts now', 'All %1 workers start now', workers);
    }
    if (granted === 0) {
      return trans._n(
        'The scheduler starts now, the worker waits',
        'The scheduler starts now, all %1 workers wait',
        workers
      );
    }
    const of = trans._n('%1 of %2 workers starts now', '%1 of %2 workers start now', granted, whole(workers));
    return `${of}, ${trans._n('the other one waits', 'the other %1 wait', waiting)}`;
  };
  return (
    <p className="gh-line wrap">
      {!quote.allowed && <Icon mark="stop" tone="bad" />}
      <span className="gh-strong">{words()}</span>
      {reason && <ReasonCode code={reason} />}
    </p>
  );
}

function Parts({ quote, group }: { quote: Quote; group: GroupOffer }): ReactElement {
  const trans = useTrans();
  const parts = [
    {
      kind: 'solid',
      count: quote.granted - quote.borrowed,
      word: trans.__('within the quota'),
      more: trans.__('of %1', group.title)
    },
    {
      kind: 'hatch',
      count: quote.borrowed,
      word: trans.__('borrowed'),
      more: trans.__('may be taken back, results kept')
    },
    {
      kind: 'empty',
      count: quote.workers - quote.granted,
      word: trans.__('waiting'),
      more: trans.__('until there is room')
    }
  ].filter(part => part.count > 0);
  const words = parts.map(part => `${whole(part.count)} ${part.word}`);
  const size = (part: { count: number }): CSSProperties => ({ '--n': part.count }) as CSSProperties;
  return (
    <div>
      <div className="gh-stack tall" role="img" aria-label={words.join(', ')}>
        {parts.map(part => (
          <i key={part.kind} className={part.kind} style={size(part)} />
        ))}
      </div>
      <div className="gh-parts gh-small" aria-hidden="true">
        {parts.map((part, index) => (
          <span key={part.kind} style={size(part)}>
            <b className="gh-strong">{words[index]}</b>
            <span className="gh-dim">{part.more}</span>
          </span>
        ))}
      </div>
    </div>
  );
}

function Prices({ quote, offer, currency }: { quote: Quote } & IAbout): ReactElement {
  const trans = useTrans();
  const hours = offer.lifetime_seconds / 3600;
  const all = { perHour: quote.price_per_hour, budget: quote.budget_minutes };
  const now = { perHour: quote.granted_price_per_hour, budget: quote.granted_budget_minutes };
  const lasts = quote.budget_minutes !== null;
  const cells = (line: typeof all): ReactElement => (
    <>
      <td className="gh-strong">{rate(line.perHour, currency)}</td>
      {lasts && <td>{line.budget === null ? '' : span(line.budget, trans)}</td>}
      {hours > 0 && <td>{money(Number(line.perHour) * hours, currency)}</td>}
    </>
  );
  return (
    <table className="gh-table">
      <thead>
        <tr className="gh-small gh-dim">
          <td />
          <th scope="col">{trans.__('per hour')}</th>
          {lasts && <th scope="col">{trans.__('budget lasts')}</th>}
          {hours > 0 && <th scope="col">{trans.__('at most, %1', duration(offer.lifetime_seconds))}</th>}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">
            {trans._n('Now, %1 worker and scheduler', 'Now, %1 workers and scheduler', quote.granted)}
          </th>
          {cells(now)}
        </tr>
        {quote.granted < quote.workers && (
          <tr>
            <th scope="row">{trans.__('If all %1 run', whole(quote.workers))}</th>
            {cells(all)}
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** What ends it: burst credits, want of use, its lifetime. */
function Ends({ quote, offer, group }: { quote: Quote } & IAbout): ReactElement | null {
  const trans = useTrans();
  const credits = quote.granted_credits_minutes;
  const burst =
    credits !== null && quote.borrowed > 0
      ? trans._n(
          'Burst credits last %2 for %1 borrowed worker',
          'Burst credits last %2 for %1 borrowed workers',
          quote.borrowed,
          span(credits, trans)
        )
      : '';
  const after =
    group.balance.credits_mode === 'overdraft'
      ? trans.__('then they are overdrawn, and nothing more is borrowed')
      : trans.__('then what is borrowed goes back');
  const ends = stops(offer, trans);
  const last = ends.pop();
  const end = ends.length > 0 ? trans.__('%1 and %2', ends.join(', '), last) : last;
  const stop = end ? trans.__('It stops %1.', end) : '';
  const text = [burst && `${burst}; ${after}.`, stop].filter(Boolean).join(' ');
  return text ? <p className="gh-small gh-dim">{text}</p> : null;
}

function stops(offer: ProfileOffer, trans: TranslationBundle): string[] {
  return [
    offer.idle_seconds > 0 && trans.__('after %1 without use', duration(offer.idle_seconds)),
    offer.no_client_seconds > 0 &&
      trans.__('after %1 with nobody connected', duration(offer.no_client_seconds)),
    offer.stops_with_server && trans.__('with your last notebook server'),
    offer.lifetime_seconds > 0 && trans.__('after %1 in any case', duration(offer.lifetime_seconds))
  ].filter(part => part !== false);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
