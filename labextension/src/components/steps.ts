/** What the keys of a slider and of a number do. Pure. */

const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: 1,
  ArrowDown: -1,
  PageUp: 10,
  PageDown: -10
};
const ALONG: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };
const ENDS: Readonly<Record<string, 'min' | 'max'>> = { Home: 'min', End: 'max' };

/** Lowest and highest value. */
export interface IRange {
  readonly min: number;
  readonly max: number;
}

/** Return the value after a key in a number field, where the keys along a line move the cursor; null: no such key. */
export function stepped(key: string, value: number, { min, max }: IRange): number | null {
  const step = STEPS[key];
  return step === undefined ? null : Math.min(max, Math.max(min, value + step));
}

/** Return the value after a key on a slider; null: no such key. */
export function slid(key: string, value: number, range: IRange): number | null {
  const end = ENDS[key];
  if (end !== undefined) {
    return range[end];
  }
  const step = ALONG[key];
  return step === undefined
    ? stepped(key, value, range)
    : Math.min(range.max, Math.max(range.min, value + step));
}
