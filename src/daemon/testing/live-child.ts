import { runDaemon } from '../../cli/run-daemon.ts';
import { Engine } from '../../engine/engine.ts';
import { FlowScript, hedgedPlan } from './flow-script.ts';

/**
 * `qcm run --mode live` as it is, with a script in place of the strategy: `enter` opens one hedged
 * trade at the first trade of the market; anything else only goes on with what there is.
 * Arguments: state folder, `enter` or `go-on`, code version.
 */
const [state, order, codeVersion] = process.argv.slice(2);
const script = new FlowScript();
if (order === 'enter') script.next({ kind: 'enter', plan: hedgedPlan() });
await runDaemon(
  { mode: 'live', iUnderstand: true, fakeVenue: true, state, set: ['entry.mode=touch'] },
  {
    codeVersion,
    createEngine: () => new Engine({ strategies: [script], rules: [], isStrict: false }),
  },
);
