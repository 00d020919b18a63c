/** Server-sent events from text that arrives in arbitrary pieces, by the HTML standard, section 9.2.6. */

/** One event. */
export interface IServerEvent {
  readonly type: string;
  readonly data: string;
}

/** Collects pieces and returns the events that they complete. Comments and unknown fields are left out. */
export class EventParser {
  private rest = '';
  private type = '';
  private data: string[] = [];

  /** Add a piece; return the events that are complete now. */
  push(piece: string): IServerEvent[] {
    const text = this.rest + piece;
    // A carriage return at the very end may be half of a line end: wait for the rest.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    return lines.flatMap(line => this.line(line));
  }

  private line(line: string): IServerEvent[] {
    if (line === '') {
      return this.dispatch();
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') {
      this.data.push(value ?? '');
    } else if (field === 'event') {
      this.type = value ?? '';
    }
    return [];
  }

  private dispatch(): IServerEvent[] {
    const event = { type: this.type || 'message', data: this.data.join('\n') };
    const complete = this.data.length > 0;
    this.type = '';
    this.data = [];
    return complete ? [event] : [];
  }
}
