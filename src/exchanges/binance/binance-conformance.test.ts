import { runConformance } from '../../../backtests/exchange/testing/run-conformance.ts';
import { BinanceConformance } from '../testing/conformance-rig.ts';

runConformance({
  name: 'the Binance adapter against the fake venue',
  makeVenue: (cash) => new BinanceConformance(cash),
});

runConformance({
  name: 'the Binance adapter when the stream overtakes every answer',
  makeVenue: (cash) =>
    new BinanceConformance(cash, {
      latency: { requestMs: () => 30, answerMs: () => 400, frameMs: () => 5 },
    }),
});

runConformance({
  name: 'the Binance adapter when every answer overtakes the stream',
  makeVenue: (cash) =>
    new BinanceConformance(cash, {
      latency: { requestMs: () => 30, answerMs: () => 10, frameMs: () => 600 },
    }),
});
