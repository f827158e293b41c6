/** One line on stderr, rewritten; nothing on a pipe. An empty text clears it. */
export function progressLine(text: string): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${text.slice(0, 100)}`);
}
