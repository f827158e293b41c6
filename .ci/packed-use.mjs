// Runs in an empty project that has installed the packed tarball: one indicator and the backtest.
import assert from 'node:assert/strict';
import { runBacktest } from 'quantcloud-matrix/backtest';
import { Sma } from 'quantcloud-matrix/indicators';

const sma = new Sma(3);
for (const close of [1, 2, 6]) sma.update(close);
assert.equal(sma.value, 3);
assert.equal(typeof runBacktest, 'function');
console.log('the packed library gives an indicator and the backtest');
