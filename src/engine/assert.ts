import { AppError } from './error.ts';

/** A broken promise of our own code: always a defect, never an outside event. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AppError('ENGINE_ASSERT', message);
}

/**
 * The same for hot paths, behind an `if`: an argument of `assert` that is put together from parts
 * would be put together on every call.
 */
export function fail(message: string): never {
  throw new AppError('ENGINE_ASSERT', message);
}

/** Closes a switch over a union: does not type-check while a member is missing. */
export function assertNever(value: never): never {
  throw new AppError('ENGINE_ASSERT', `unexpected value ${JSON.stringify(value)}`);
}
