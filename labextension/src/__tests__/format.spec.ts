/** Money and times read like the service's own. */

import { clockTime, dayName, duration, money, monthName, nextMonth, rate, span, whole } from '../format';
import { english } from './fakes';

describe('money', () => {
  it.each([
    ['1204.18', 'USD', '$1,204.18'],
    ['0.005', 'USD', '$0.01'],
    ['1.005', 'USD', '$1.01'],
    ['0.0049', 'USD', '$0.00'],
    ['-0.001', 'USD', '$0.00'],
    ['-12.5', 'EUR', '-€12.50'],
    ['12', 'CHF', 'CHF 12.00'],
    ['9999999.999', 'GBP', '£10,000,000.00']
  ])('writes %s %s as %s', (amount, currency, text) => {
    expect(money(amount, currency)).toBe(text);
  });

  it('writes a rate per hour', () => {
    expect(rate('0.24', 'USD')).toBe('$0.24/h');
  });
});

describe('spans', () => {
  it.each([
    [0.5, 'less than a minute'],
    [4.9, '4 min'],
    [119, '119 min'],
    [125, '2 h'],
    [2880, '2 d']
  ])('writes %d minutes as %s', (minutes, text) => {
    expect(span(minutes, english)).toBe(text);
  });

  it('writes whole numbers with their thousands', () => {
    expect([whole(3120.9), whole(-0.5)]).toEqual(['3,120', '-1']);
  });
});

describe('times', () => {
  it('names months and days of the calendar in UTC', () => {
    expect(monthName('2026-11', english)).toBe('November');
    expect(monthName('2026-11', english, 'short')).toBe('Nov');
    expect(nextMonth('2026-12', english)).toBe('1 January');
    expect(dayName('2026-11', 21, english)).toBe('21 Nov');
  });

  it('writes the time of day with two digits each', () => {
    expect(clockTime(new Date(2026, 10, 21, 5, 4).getTime())).toBe('05:04');
  });
});

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [90, '90 s'],
    [120, '2 min'],
    [5400, '1 h 30 min'],
    [7200, '2 h'],
    [172800, '2 d'],
    [176400, '2 d 1 h']
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
