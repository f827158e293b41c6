import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AlertSink, Delivery } from '../alert-dispatcher.ts';
import type { AlertMessage } from '../alert-message.ts';

/** Alerts as JSON lines appended to one file, in the order they were raised. */
export class FileSink implements AlertSink {
  readonly name: string;
  private readonly path: string;
  private last: Promise<unknown>;

  constructor(path: string) {
    this.name = 'file';
    this.path = path;
    this.last = Promise.resolve();
  }

  send(message: AlertMessage): Promise<Delivery> {
    // One append after the other, so that two alerts of one moment keep their order.
    const sending = this.last.then(() => this.append(`${JSON.stringify(message)}\n`));
    this.last = sending;
    return sending;
  }

  private async append(line: string): Promise<Delivery> {
    try {
      await mkdir(dirname(this.path), { recursive: true });
      await appendFile(this.path, line);
      return { sink: this.name, isDelivered: true, detail: this.path };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { sink: this.name, isDelivered: false, detail: why };
    }
  }
}
