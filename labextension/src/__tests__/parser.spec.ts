/** The stream parser follows the HTML standard, however the bytes are cut. */

import { EventParser } from '../stream/parser';

const TEXT = ': hello\n\nevent: account\ndata: {"a":1}\n\ndata: one\ndata:two\r\n\r\nevent: lost\n\n';
const EVENTS = [
  { type: 'account', data: '{"a":1}' },
  { type: 'message', data: 'one\ntwo' }
];

describe('EventParser', () => {
  it('returns the events of a text in one piece', () => {
    expect(new EventParser().push(TEXT)).toEqual(EVENTS);
  });

  it.each([1, 2, 3, 7])('returns the same events in pieces of %i characters', size => {
    const parser = new EventParser();
    const pieces = TEXT.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(pieces.flatMap(piece => parser.push(piece))).toEqual(EVENTS);
  });

  it('waits for the second half of a line end', () => {
    const parser = new EventParser();
    expect(parser.push('data: one\r')).toEqual([]);
    expect(parser.push('\ndata: two\r\n\r\n')).toEqual([{ type: 'message', data: 'one\ntwo' }]);
  });

  it('keeps colons of the data and leaves one space out', () => {
    expect(new EventParser().push('data:  a: b\n\n')).toEqual([{ type: 'message', data: ' a: b' }]);
  });

  it('returns nothing of an event that has not ended', () => {
    expect(new EventParser().push('event: account\ndata: {}\n')).toEqual([]);
  });
});
