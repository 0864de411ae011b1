import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '../..');

export interface ComposeMount {
  /** A named volume, or a path on the host as the file has it. */
  source: string;
  target: string;
  readOnly: boolean;
}

export interface ComposeService {
  image: string;
  build?: string;
  pull_policy?: string;
  user: string;
  hostname?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  profiles?: string[];
  networks?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck: { test: string[] };
  mem_limit: string;
  restart: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  volumes: (string | { type: string; source: string; target: string; read_only?: boolean })[];
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  networks: Record<string, { internal?: boolean } | null>;
}

/** What a variable must be given for `docker compose` to go on; as in a shell where nothing else is set. */
export const given = { GRAFANA_ADMIN_PASSWORD: 'given-by-a-test' };

/** The file as Compose reads it with these variables. @throws with the file's own words if one is missing */
export function composeFile(env: Record<string, string> = given): ComposeFile {
  return substituted(parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }), env);
}

/** Each service with its name. */
export function composeServices(env: Record<string, string> = given): [string, ComposeService][] {
  return Object.entries(composeFile(env).services);
}

export function mountsOf({ volumes }: ComposeService): ComposeMount[] {
  return volumes.map((volume) => {
    if (typeof volume !== 'string') {
      return { source: volume.source, target: volume.target, readOnly: volume.read_only === true };
    }
    const [source = '', target = '', mode] = volume.split(':');
    return { source, target, readOnly: mode === 'ro' };
  });
}

/** The files and folders of the project that a service mounts. */
export function bindsOf(service: ComposeService): ComposeMount[] {
  return mountsOf(service).filter(({ source }) => source.startsWith('.') || source.startsWith('/'));
}

function substituted<T>(value: T, env: Record<string, string>): T {
  // The types are those of what is written: variables stand only in strings.
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return interpolate(inner, env);
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, member]) => [name, walk(member)]));
  };
  return walk(value) as T;
}

/** `${NAME:-default}` and `${NAME:?message}`, which is all that the file uses. */
function interpolate(text: string, env: Record<string, string>): string {
  return text.replaceAll(
    /\$(?:\{(\w+):([-?])([^}]*)\}|(\S?))/g,
    (whole, name?: string, kind?: string, rest = '') => {
      if (name === undefined) throw new Error(`this test does not know what ${whole} in ${text} means`);
      const value = env[name];
      if (value) return value;
      if (kind === '-') return rest;
      throw new Error(`required variable ${name} is missing a value: ${rest}`);
    },
  );
}
