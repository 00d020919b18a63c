/** The profiles to choose from, each with its price, its shape and its bounds; what cannot start now says why. */

import { ReactElement, useId } from 'react';

import { ReasonCode } from '../components/Reason';
import { shapeText } from '../components/shape';
import { useTrans } from '../components/translation';
import { rate, whole } from '../format';
import type { ICard } from '../model/choices';

interface IProfileCardsProps {
  cards: readonly ICard[];
  chosen: string;
  currency: string;
  onChoose: (profile: string) => void;
}

/** A group of radio buttons; nothing to choose is said in a sentence. */
export function ProfileCards({ cards, chosen, ...rest }: IProfileCardsProps): ReactElement {
  const trans = useTrans();
  if (cards.length === 0) {
    return <p>{trans.__('No group of yours offers Dask clusters.')}</p>;
  }
  return (
    <div className="gh-cards" role="radiogroup" aria-label={trans.__('Profile')}>
      {cards.map(card => (
        <Card key={card.offer.name} card={card} on={card.offer.name === chosen} {...rest} />
      ))}
    </div>
  );
}

interface ICardProps extends Pick<IProfileCardsProps, 'currency' | 'onChoose'> {
  card: ICard;
  on: boolean;
}

function Card({ card: { offer }, on, currency, onChoose }: ICardProps): ReactElement {
  const trans = useTrans();
  const id = useId();
  const look = offer.available ? (on ? ' on' : '') : ' off';
  return (
    <label className={`gh-card${look}`}>
      <input
        type="radio"
        name={trans.__('Profile')}
        value={offer.name}
        checked={on}
        disabled={!offer.available}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-more`}
        onChange={() => onChoose(offer.name)}
      />
      <span>
        <span className="gh-strong" id={`${id}-title`}>
          {offer.title}
        </span>
        <span id={`${id}-more`}>
          <span className="gh-dim">{shapeText(offer.shape, trans)}</span>
          <span className="gh-price">{trans.__('%1 each', rate(offer.price_per_hour, currency))}</span>
          {offer.available ? (
            <span className="gh-small gh-dim">
              {offer.description && <span>{offer.description}</span>}
              <span>{trans.__('up to %1 workers', whole(offer.workers_max))}</span>
            </span>
          ) : (
            <span className="gh-small">
              {offer.message} {offer.reason && <ReasonCode code={offer.reason} />}
            </span>
          )}
        </span>
      </span>
    </label>
  );
}
