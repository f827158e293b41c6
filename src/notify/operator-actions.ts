/**
 * What an operator may ask for, from wherever the asking comes (local socket, Telegram). Every call
 * answers at once except `flattenConfirm`, which answers when the account is flat or it gave up.
 */
export interface OperatorActions {
  /** Plain data, fit for JSON; no secrets. */
  status(): object;
  /** Entries off; what is open keeps its stops and targets. */
  pause(reason: string): void;
  resume(): void;
  /** First step: what would be closed, and the code that the second step must repeat. */
  flattenAsk(): { code: string; text: string };
  /** Second step; resolves with the report, also when the code is wrong or too old. */
  flattenConfirm(code: string): Promise<string>;
}
