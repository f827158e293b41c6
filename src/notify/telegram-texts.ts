import type { NoticeLevel, OutMessage } from './outbox.ts';

/** Telegram refuses texts over 4,096 characters. */
export const TEXT_CHARS_MAX = 4_000;
const MARK: Record<NoticeLevel, string> = { info: '', warning: 'WARNING ', alarm: 'ALARM ' };

/** How many of the first messages fit into one text; replies go alone, to whom they belong. */
export function fitting(waiting: readonly OutMessage[]): number {
  if (waiting[0]?.replyTo !== undefined) return 1;
  let chars = 0;
  let count = 0;
  for (const message of waiting) {
    chars += messageText(message).length + 1;
    if (message.replyTo !== undefined || (count > 0 && chars > TEXT_CHARS_MAX - 100)) break;
    count++;
  }
  return count;
}

/** One text of a batch. */
export function batchText(batch: readonly OutMessage[], lost: number): string {
  const lines = batch.map(messageText);
  if (lost > 0) lines.unshift(`(${lost} messages before this one could not be sent)`);
  const text = lines.join('\n');
  return text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX - 4)} ...`;
}

function messageText({ level, code, text, replyTo }: OutMessage): string {
  if (replyTo !== undefined) return text;
  return `${MARK[level]}${code === '' ? '' : `${code}: `}${text}`;
}

/** Plain data as `name: value` lines, nested names joined by dots. */
export function statusText(status: object): string {
  const lines: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) lines.push(`${path}: ${value}`);
    else if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
      lines.push(`${path}: ${value.length === 0 ? '-' : value.join(', ')}`);
    } else {
      for (const [key, each] of Object.entries(value)) {
        walk(each, path === '' ? key : `${path}.${key}`);
      }
    }
  };
  walk(status, '');
  return lines.join('\n');
}
