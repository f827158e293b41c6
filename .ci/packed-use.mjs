// Runs in an empty project that has installed the packed tarball: one indicator and the backtest.
import assert from 'node:assert/strict';
import * as backtest from 'quantcloud-matrix/backtest';
import { Sma } from 'quantcloud-matrix/indicators';

const sma = new Sma(3);
for (const close of [1, 2, 6]) sma.update(close);
assert.equal(sma.value, 3);

const functions = Object.entries(backtest).filter(([, value]) => typeof value === 'function');
assert.ok(functions.length > 0, 'quantcloud-matrix/backtest exports nothing that can be called');
console.log(`imported an indicator and ${functions.map(([name]) => name).join(', ')}`);
