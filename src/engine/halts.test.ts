import { expect, test } from 'vitest';
import { EngineDriver, testSession } from './testing/engine-fixture.ts';

function halts(driver: EngineDriver): readonly string[] {
  return driver.engine.inspect().halts;
}

test('what waits for a person ends when he says so, and nothing else does', () => {
  const driver = new EngineDriver();
  driver.send({ kind: 'entries.blocked', reason: 'venue: banned' });
  driver.send({ kind: 'entries.blocked', reason: 'account: an order is not ours' });
  driver.send({ kind: 'command.received', command: 'pause', reason: 'test' });
  driver.send({ kind: 'command.received', command: 'resume', reason: 'test' });
  expect(halts(driver)).toEqual(['account: an order is not ours']);
});

test('a gap of the feed ends with the process whose feed it was', () => {
  const driver = new EngineDriver();
  driver.send({ kind: 'feed.gapped', symbol: 'BTCUSDT', reason: 'test' });
  expect(halts(driver)).toEqual(['feed gap BTCUSDT']);
  driver.send(testSession({ mode: 'paper', bootId: 'test0002' }));
  expect(halts(driver)).toEqual([]);
});
