/** What a person may choose for a new cluster, out of their offers and the gateway's fields. Pure. */

import type { GroupOffer, Offers, OptionField, ProfileOffer, StartRequest } from '../contract';

/** A value of a field. */
export type Value = OptionField['default'];

/** One profile, as the group that would be charged offers it, with all groups that do. */
export interface ICard {
  readonly offer: ProfileOffer;
  readonly group: GroupOffer;
  readonly groups: readonly GroupOffer[];
}

/** Fields that the dialog shows in its own way. */
const OWN: ReadonlySet<string> = new Set(['profile', 'charge_to', 'name', 'workers']);

/**
 * Return the cluster profiles in policy order, each once. It is charged to the preferred group where that offers it and
 * it may start there, else to the first where it may, else to the first that offers it.
 */
export function cards(offers: Offers, preferred: string): readonly ICard[] {
  const names = offers.groups.flatMap(group => clusterProfiles(group).map(({ name }) => name));
  return [...new Set(names)].flatMap(name => {
    const groups = offers.groups.filter(group => offerOf(group, name));
    const inOrder = [...groups].sort(
      (one, other) => Number(other.group === preferred) - Number(one.group === preferred)
    );
    const group = inOrder.find(candidate => offerOf(candidate, name)?.available) ?? inOrder[0];
    const offer = group && offerOf(group, name);
    return offer ? [{ offer, group, groups }] : [];
  });
}

/** Return a group's cluster profiles. */
export function clusterProfiles(group: GroupOffer): readonly ProfileOffer[] {
  return group.profiles.filter(profile => profile.kind === 'cluster');
}

/** Return the profile as the group offers it. */
export function offerOf(group: GroupOffer, name: string): ProfileOffer | undefined {
  return clusterProfiles(group).find(profile => profile.name === name);
}

/** Return the fields that are shown as the gateway describes them. */
export function furtherFields(fields: readonly OptionField[]): readonly OptionField[] {
  return fields.filter(({ name }) => !OWN.has(name));
}

/** What was chosen. */
export interface IChosen {
  readonly profile: string;
  readonly chargeTo: string;
  readonly name: string;
  readonly workers: number;
  readonly further: Readonly<Record<string, Value>>;
}

/** Return the request: of everything chosen, what the gateway has a field for. */
export function startRequest(fields: readonly OptionField[], chosen: IChosen): StartRequest {
  const named = new Set(fields.map(({ name }) => name));
  const own = { profile: chosen.profile, charge_to: chosen.chargeTo, name: chosen.name.trim() };
  const options = Object.entries({ ...own, ...chosen.further }).filter(([name]) => named.has(name));
  return { options: Object.fromEntries(options), workers: named.has('workers') ? chosen.workers : 0 };
}

/** Return the number in a text field; null: it is none within the bounds. */
export function numberIn(
  text: string,
  { type, min, max }: Pick<OptionField, 'type' | 'min' | 'max'>
): number | null {
  const value = text.trim() === '' ? NaN : Number(text);
  const whole = type !== 'int' || Number.isInteger(value);
  return Number.isFinite(value) && whole && value >= (min ?? -Infinity) && value <= (max ?? Infinity)
    ? value
    : null;
}
