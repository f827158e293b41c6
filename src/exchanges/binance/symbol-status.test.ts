import { expect, test } from 'vitest';
import { setPositionMode } from '../fake-binance/route-account.ts';
import { SessionRig } from '../testing/session-rig.ts';

const symbol = 'BTCUSDT';
const workingStops = (rig: SessionRig) =>
  [...rig.venue.venue.algos.open].filter(({ closePosition }) => !closePosition);
const halts = (rig: SessionRig) => [...rig.session.core.engine.inspect().halts];

test.each(['PRE_SETTLE', 'SETTLING', 'CLOSE'])(
  'entries refused at %s; later they go on',
  (status) => {
    const rig = new SessionRig();
    const { instrument } = rig.venue.venue.market(symbol);
    instrument.status = status;
    rig.enter();
    rig.runFor(5_000);
    expect([rig.position, rig.session.core.engine.inspect().open.size]).toEqual([0, 0]);
    // The venue's refusal is enough: nobody has to lift anything when it trades again.
    expect(halts(rig)).toEqual([]);
    expect(rig.notices.join()).toContain('VENUE_REFUSED');
    instrument.status = 'TRADING';
    rig.enter();
    rig.runFor(3_000);
    expect(rig.position).toBeGreaterThan(0);
    expect(workingStops(rig)).toHaveLength(1);
  },
);

test('a position is kept with its stop while its symbol does not trade', () => {
  const rig = new SessionRig();
  const { venue } = rig.venue;
  rig.enter();
  rig.runFor(3_000);
  const held = rig.position;
  const [stop] = workingStops(rig);
  venue.market(symbol).instrument.status = 'SETTLING';
  rig.runFor(60_000);
  expect([rig.position, workingStops(rig)]).toEqual([held, [stop]]);
  venue.market(symbol).instrument.status = 'TRADING';
  venue.setPrice(symbol, stop.triggerPrice - 1);
  rig.runFor(3_000);
  expect([rig.position, venue.algos.open.size, venue.orders.open.size]).toEqual([0, 0, 0]);
  expect(rig.session.core.engine.inspect().open.size).toBe(0);
});

test('an exit that the venue refuses is tried until the symbol trades again', () => {
  const rig = new SessionRig();
  const { instrument } = rig.venue.venue.market(symbol);
  rig.enter();
  rig.runFor(3_000);
  instrument.status = 'SETTLING';
  rig.decide({ kind: 'exit', symbol, reason: 'age' });
  rig.runFor(60_000);
  expect(rig.position).toBeGreaterThan(0);
  expect(workingStops(rig)).toHaveLength(1);
  instrument.status = 'TRADING';
  rig.runFor(2_000);
  expect([rig.position, rig.venue.venue.algos.open.size]).toEqual([0, 0]);
});

test('hedge mode: entries are blocked with an alarm, and go on when it is switched back', () => {
  const rig = new SessionRig();
  const { venue } = rig.venue;
  setPositionMode(venue, true);
  rig.enter();
  rig.runFor(5_000);
  expect([rig.position, venue.orders.open.size, venue.algos.open.size]).toEqual([0, 0, 0]);
  expect(halts(rig).join()).toContain('-4061');
  expect(rig.notices.join()).toContain('alarm ENTRIES_BLOCKED');
  rig.enter();
  rig.runFor(5_000);
  const sent = rig.written().filter((route) => route === 'POST order').length;
  expect(sent).toBe(1);
  setPositionMode(venue, false);
  const resume = { kind: 'command.received', command: 'resume', reason: 'looked at' } as const;
  rig.session.core.deliver(resume, 'operator');
  rig.enter();
  rig.runFor(3_000);
  expect(rig.position).toBeGreaterThan(0);
  expect([halts(rig), workingStops(rig).length]).toEqual([[], 1]);
});
