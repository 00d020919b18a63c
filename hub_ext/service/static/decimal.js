// Money is a decimal string of any precision; a float would lose cents. Here it is a BigInt of 10^-18 units.

const DIGITS = 18;
const ONE = 10n ** BigInt(DIGITS);

/** Read "1204.185" into units; digits beyond the 18th cannot change a cent and are dropped. */
export function decimal(text) {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(String(text).trim());
  if (!match) {
    throw new TypeError(`${text} is not a decimal number`);
  }
  const fraction = (match[3] ?? "").slice(0, DIGITS).padEnd(DIGITS, "0");
  const units = BigInt(match[2]) * ONE + BigInt(fraction);
  return match[1] ? -units : units;
}

/** The sum of decimal strings, in units. */
export function sum(texts) {
  return texts.reduce((total, text) => total + decimal(text), 0n);
}

/** Units as a float: for bars and shares, never for money that people read. */
export function float(units) {
  return Number(units) / Number(ONE);
}

/** part / whole as a float; null where there is no whole. */
export function share(part, whole) {
  return whole === 0n ? null : Number((part * 1_000_000n) / whole) / 1_000_000;
}

/** Units rounded to cents, half away from zero (ROUND_HALF_UP of Python's decimal), as [sign, whole, cents]. */
export function cents(units) {
  const size = units < 0n ? -units : units;
  const step = ONE / 100n;
  const rounded = (size + step / 2n) / step;
  return [units < 0n && rounded > 0n ? "-" : "", rounded / 100n, rounded % 100n];
}
