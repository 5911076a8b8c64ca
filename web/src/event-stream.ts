// Server-sent events, read from a fetch. The browser's EventSource would hide three things an engineer in a cellar
// needs: the heartbeat comments (a dead line that was never closed looks alive without them), the status of a refused
// connection (a session that has ended), and events of kinds that this version of the app does not know by name.

export interface StreamEvent {
  readonly id: string | null;
  readonly kind: string;
  readonly data: string;
}

/** Takes the stream's text in any pieces and gives whole events, after the WHATWG rules. */
export class EventParser {
  /** The place in the stream to resume from. It moves with every block, also with one that carries no event. */
  lastId: string | null = null;
  private rest = '';
  private id: string | null = null;
  private kind = '';
  private data: string[] = [];

  push(piece: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    this.rest += piece;
    // A carriage return at the very end may be the first half of a line's end: it waits for the next piece.
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        this.lastId = this.id;
        if (this.data.length > 0) events.push({ id: this.id, kind: this.kind || 'message', data: this.data.join('\n') });
        this.kind = '';
        this.data = [];
      } else {
        this.take(line);
      }
    }
    return events;
  }

  private take(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment: the heartbeat
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id' && !value.includes('\0')) this.id = value;
    if (field === 'event') this.kind = value;
    if (field === 'data') this.data.push(value);
  }
}
