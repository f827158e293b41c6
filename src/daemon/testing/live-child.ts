import nodeModule from 'node:module';
import { join } from 'node:path';

/**
 * `qcm run --mode live` as it is, with a script in place of the strategy: `enter` opens one hedged
 * trade at the first trade of the market; anything else only goes on with what there is.
 * Arguments: state folder, `enter` or `go-on`, then perhaps code version and one setting.
 */
const root = join(import.meta.dirname, '..', '..', '..');
// As `bin/qcm.mjs` does: start times are those of a user.
nodeModule.enableCompileCache?.(join(root, '.cache', 'compile'));
const { runDaemon } = await import('../../cli/run-daemon.ts');
const { Engine } = await import('../../engine/engine.ts');
const { FlowScript, hedgedPlan } = await import('./flow-script.ts');

const [state, order, codeVersion, setting] = process.argv.slice(2);
const script = new FlowScript();
if (order === 'enter') script.next({ kind: 'enter', plan: hedgedPlan() });
await runDaemon(
  {
    mode: 'live',
    iUnderstand: true,
    fakeVenue: true,
    state,
    set: setting === undefined ? [] : [setting],
  },
  {
    codeVersion,
    createEngine: () => new Engine({ strategies: [script], rules: [], isStrict: false }),
  },
);
