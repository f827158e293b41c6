import { AppError } from '../engine/error.ts';

/** Options of node that run or let in somebody else's code. */
const CODE_OPTIONS =
  /(^|\s)(--inspect\S*|--require|-r|--import|--loader|--experimental-loader)(?=[=\s]|$)/;
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];

/**
 * What a process with keys must not be started with: TLS that checks nothing, foreign code inside,
 * or a third party on the line. Proxies may be allowed by the name of their variable.
 * @throws AppError CONFIG_ENVIRONMENT
 */
export function refuseUnsafeEnvironment(options: {
  env: Readonly<Record<string, string | undefined>>;
  execArgv: readonly string[];
  /** Names of variables that the user vouches for. */
  allowed: readonly string[];
}): void {
  const { env, execArgv, allowed } = options;
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw refused('NODE_TLS_REJECT_UNAUTHORIZED=0: anybody could answer for the exchange');
  }
  for (const [where, text] of [
    ['NODE_OPTIONS', env.NODE_OPTIONS ?? ''],
    ['the command line of node', execArgv.join(' ')],
  ]) {
    const found = CODE_OPTIONS.exec(text);
    if (found !== null) throw refused(`${found[2]} in ${where}: other code could read the keys`);
  }
  for (const name of PROXIES.flatMap((each) => [each, each.toLowerCase()])) {
    if ((env[name] ?? '') === '' || allowed.includes(name)) continue;
    throw refused(`${name} is set: orders would pass somebody else`, `--allow-env ${name}`);
  }
}

function refused(why: string, allow?: string): AppError {
  const hint = allow === undefined ? 'unset it and start again' : `unset it, or add ${allow}`;
  return new AppError('CONFIG_ENVIRONMENT', `not with keys: ${why}`, hint);
}
