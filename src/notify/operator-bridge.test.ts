import { expect, test } from 'vitest';
import { VirtualTime } from '../live/virtual-time.ts';
import { paperFixture } from '../metrics/testing/paper-fixture.ts';
import { Operator } from '../operator/operator.ts';
import { operatorActions } from './operator-bridge.ts';
import { statusText } from './telegram-texts.ts';

test('what a messenger asks for is what the control socket would do', async () => {
  const paper = paperFixture({ observers: [], days: 2 });
  paper.play(300);
  const daemon = {
    ...{ pid: 1, mode: 'paper', codeVersion: '1.2.3', configHash: 'abc', preset: 'smc-stand-in' },
    startedMs: 0,
  };
  const time = new VirtualTime(paper.nowMs());
  const operator = new Operator({ stateFolder: paper.folder, daemon, time }, () => paper.session);
  const actions = operatorActions(operator, 'telegram');
  const { engine } = paper.session.core;
  expect(statusText(actions.status())).toContain('mode: paper\ncode: 1.2.3\nentries: allowed\n');
  actions.pause('telegram user 42: news');
  expect(engine.inspect().halts).toEqual(['operator']);
  expect(statusText(actions.status())).toContain('entries: off: operator');
  actions.resume();
  expect(engine.inspect().halts).toEqual([]);
  const { code, text } = actions.flattenAsk();
  expect(text).toMatch(/^(nothing is open|would be closed: .+); \d+ orders rest$/);
  await expect(actions.flattenConfirm('WRONG')).rejects.toThrow('this is not the code');
  // A wrong code spoils the question.
  await expect(actions.flattenConfirm(code)).rejects.toThrow('this is not the code');
  const again = actions.flattenAsk();
  const answer = actions.flattenConfirm(again.code);
  time.runTo(time.nowMs() + 20_000);
  expect(await answer).toMatch(/^(Flat|NOT FLAT).* equity \d+\.\d\d\. Entries are off: \/resume$/);
  expect(engine.inspect().halts).toEqual(['operator']);
  await paper.stop();
});
