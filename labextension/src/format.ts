/** Money, rates and times as people read them: the rules of `hub_ext/contract/units.py`, and clock times in the reader's zone. */

import type { TranslationBundle } from '@jupyterlab/translation';

const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£' };

/** Write an amount with two decimals, thousands separated: `$1,204.18`, `CHF 12.00`. Halves are rounded up, as by the service. */
export function money(amount: string | number, currency: string): string {
  const value = Number(amount);
  const cents = Math.floor(Math.abs(value) * 100 + 0.5 + 1e-7); // 1e-7: 1.005 is a little less as a float
  const text = (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return `${value < 0 && cents > 0 ? '-' : ''}${SYMBOLS[currency] ?? `${currency} `}${text}`;
}

/** Write a price per hour: `$0.24/h`. */
export function rate(perHour: string | number, currency: string): string {
  return `${money(perHour, currency)}/h`;
}

/** Write seconds as people say them: `90 s`, `20 min`, `1 h`, `1 h 30 min`, `2 d`. */
export function duration(seconds: number): string {
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (seconds < 120) {
    return `${seconds} s`;
  }
  if (hours >= 48) {
    return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ''}`;
  }
  return hours ? `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}` : `${minutes} min`;
}

/** Write core-minutes, or another count, without a fraction: `3,120`. */
export function whole(amount: number): string {
  return Math.floor(amount).toLocaleString('en-US');
}

/** Write minutes as people say them: `less than a minute`, `42 min`, `3 h`, `2 d`. Rounded down. */
export function span(minutes: number, trans: TranslationBundle): string {
  if (minutes < 1) {
    return trans.__('less than a minute');
  }
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) {
    return `${Math.floor(hours / 24)} d`;
  }
  return hours >= 2 ? `${hours} h` : `${Math.floor(minutes)} min`;
}

/** Write the time of day in the reader's zone: `15:04`. */
export function clockTime(at: number | string): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** Write the time of day with seconds: `15:04:12`. */
export function clockSeconds(at: number | string): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** Write date, time and zone, for whoever hovers to be sure. */
export function fullTime(at: number | string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
}

/** The language of dates is a message, too: a bundle tells its words, and not its language. */
function dates(trans: TranslationBundle): string {
  return trans._p('language of dates', 'en-GB');
}

/** Name a calendar month of UTC, `2026-11`: `November`, or `Nov` when short. */
export function monthName(month: string, trans: TranslationBundle, style: 'long' | 'short' = 'long'): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  return first.toLocaleDateString(dates(trans), { month: style, timeZone: 'UTC' });
}

/** Name the first day of the month after a calendar month of UTC: `1 December`. */
export function nextMonth(month: string, trans: TranslationBundle): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() + 1);
  return first.toLocaleDateString(dates(trans), { day: 'numeric', month: 'long', timeZone: 'UTC' });
}

/** Name a day of a calendar month of UTC, counted from 1: `21 Nov`. */
export function dayName(month: string, day: number, trans: TranslationBundle): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCDate(day);
  return at.toLocaleDateString(dates(trans), { day: 'numeric', month: 'short', timeZone: 'UTC' });
}

/** Name a calendar month of UTC with its year: `November 2026`. */
export function monthAndYear(month: string, trans: TranslationBundle): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  return first.toLocaleDateString(dates(trans), { month: 'long', year: 'numeric', timeZone: 'UTC' });
}
