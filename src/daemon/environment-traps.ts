import { AppError } from '../engine/error.ts';

/** What makes Node run somebody else's code, or listen for a debugger, before the program starts. */
const CODE_FLAGS = /--(inspect|require|import|loader|experimental-loader|env-file)|(^|\s)-r(\s|=)/;

/** Variables that send traffic through a third party. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];

/** Certificates that somebody else chose. */
const TRUST = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

export interface EnvironmentTrap {
  name: string;
  why: string;
  /** Worth knowing, and no reason to refuse: companies install certificates of their own. */
  isMild: boolean;
}

/**
 * Settings under which no key must be used: certificates unchecked, code of others loaded, traffic
 * through a proxy. Values are not told: a proxy's address may hold a password.
 * @param options.allowed names the operator has accepted, one by one
 */
export function environmentTraps(options: {
  env: Readonly<Record<string, string | undefined>>;
  execArgv: readonly string[];
  allowed?: readonly string[];
}): EnvironmentTrap[] {
  const { env, execArgv, allowed = [] } = options;
  const traps: EnvironmentTrap[] = [];
  const add = (name: string, why: string, isMild = false) => {
    if (!allowed.includes(name)) traps.push({ name, why, isMild });
  };
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    add(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'certificates are not checked: anybody can be the exchange',
    );
  }
  if (CODE_FLAGS.test(env.NODE_OPTIONS ?? '')) {
    add('NODE_OPTIONS', 'it loads code or opens a debugger in the process that holds the keys');
  }
  if (execArgv.some((flag) => CODE_FLAGS.test(flag) || flag === '-r')) {
    add('command line', 'Node was started with a debugger or with code to load');
  }
  if (isSet(env.LD_PRELOAD)) add('LD_PRELOAD', 'a library of others is loaded first');
  for (const name of PROXIES) {
    const given = [name, name.toLowerCase()].find((each) => isSet(env[each]));
    if (given !== undefined) add(given, 'requests would go through a proxy');
  }
  for (const name of TRUST) {
    if (isSet(env[name])) add(name, 'certificates come from elsewhere', true);
  }
  return traps;
}

/**
 * What a process with keys must not be started with. Proxies may be allowed by the name of their
 * variable, nothing else.
 * @throws AppError CONFIG_ENVIRONMENT
 */
export function refuseUnsafeEnvironment(options: {
  env: Readonly<Record<string, string | undefined>>;
  execArgv: readonly string[];
  allowed: readonly string[];
}): void {
  const allowed = options.allowed.filter(isProxy);
  const trap = environmentTraps({ ...options, allowed }).find(({ isMild }) => !isMild);
  if (trap === undefined) return;
  const { name, why } = trap;
  const hint = isProxy(name) ? `unset it, or add --allow-env ${name}` : 'unset it and start again';
  throw new AppError('CONFIG_ENVIRONMENT', `not with keys: ${name}: ${why}`, hint);
}

function isProxy(name: string): boolean {
  return PROXIES.includes(name.toUpperCase());
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
