import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { lastAttemptGrace } from './domain/disposition.ts';
import { AppError, messageOf } from './domain/errors.ts';
import { httpAddress } from './domain/http-address.ts';
import { labelValue } from './domain/labels.ts';
import { problemsOf } from './domain/problems.ts';
import { defaultTaskTypes } from './domain/task.ts';
import { inheritedEnvironment } from './environment.ts';
import { notifications } from './monitoring/notifications.ts';
import { type Objectives, objectives, profiles } from './monitoring/objectives.ts';
import { tellsPeople } from './monitoring/people-receivers.ts';

const port = z.int().min(0).max(65_535);
const seconds = z.number().positive();
export const scopes = ['read', 'report', 'alert', 'admin'] as const;
export type Scope = (typeof scopes)[number];

const token = z.strictObject({
  name: z.string().min(1).max(64),
  token: z.string().min(16, 'must be at least 16 characters').max(512),
  scopes: z.array(z.enum(scopes)).min(1),
});

const service = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .meta({ description: 'Address to listen on. Other than loopback only with tokens.' }),
  port: port.default(8000).meta({ description: 'Port of the API, the webhook and `/metrics`.' }),
  public_url: httpAddress
    .optional()
    .meta({ description: 'How people reach the service; links in messages begin with it.' }),
  allowed_hosts: z.array(z.string()).default([]).meta({
    description: 'Further host names that requests may name, besides loopback and that of `public_url`.',
  }),
  tokens: z
    .array(token)
    .default([])
    .meta({ description: 'Who may do what: `name`, `token`, `scopes` of read, report, alert, admin.' }),
  tokens_dir: z.string().min(1).optional().meta({
    description:
      'Where the service makes tokens for what runs beside it, at its first start: `read/token`, `report/token`, `alert/token`, each in a folder of its own to be handed on. With it every request needs a token.',
  }),
  allow_shell_tasks: z.boolean().default(false).meta({
    description: 'Whether the API takes tasks for the `shell` executor (with an admin token).',
  }),
  session_seconds: seconds
    .default(43_200)
    .meta({ description: 'How long somebody who signs in to the pages stays signed in.' }),
  stale_after_seconds: seconds
    .default(86_400)
    .meta({ description: 'Silence after which a runner’s series are taken away.' }),
});

const tasks = z.strictObject({
  types: z
    .array(labelValue)
    .min(1)
    .max(20)
    .default([...defaultTaskTypes])
    .meta({ description: 'The task types that are taken.' }),
  executor: labelValue
    .default('claude-code')
    .meta({ description: 'The executor of a task that names none.' }),
  model: labelValue
    .default('default')
    .meta({ description: 'The model of a task that names none; `default` is the CLI’s own.' }),
  executors: z.array(labelValue).default([]).meta({
    description: 'Executors of runners that are not ours; tasks for any other unknown one are refused.',
  }),
  by_type: z
    .record(z.string(), z.strictObject({ executor: labelValue.optional(), model: labelValue.optional() }))
    .default({})
    .meta({ description: 'Executor and model by task type.' }),
  change_expected: z.array(labelValue).default(['impl', 'test', 'heal']).meta({
    description:
      'Task types of which an attempt in a git work tree without a change has failed (`no_change`).',
  }),
  timeout_seconds: seconds
    .default(3600)
    .meta({ description: 'How long an attempt may take, unless the task says.' }),
  max_attempts: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .meta({ description: 'Attempts of a task before it has failed, unless it says.' }),
  lease_seconds: seconds
    .default(60)
    .meta({ description: 'How long a runner may be silent before its task is given back.' }),
  last_attempt_grace_seconds: z.number().min(0).default(lastAttemptGrace).meta({
    description: 'How much longer the last attempt of a task may be silent before it is given up as `lost`.',
  }),
  backoff_seconds: z
    .number()
    .min(0)
    .default(30)
    .meta({ description: 'Wait before the second attempt; doubled before each further one.' }),
  longest_backoff_seconds: z
    .number()
    .min(0)
    .default(3600)
    .meta({ description: 'The longest wait between attempts.' }),
});

/** The port of a runner's metrics, unless said. */
export const usualMetricsPort = 9464;

const runner = z.strictObject({
  id: labelValue.optional().meta({
    description:
      'The runner’s name; the same after a restart. The host’s name, unless said, and behind it the port of its metrics if that is not 9464.',
  }),
  service_url: httpAddress.optional().meta({ description: 'Where the service is, for `andon run`.' }),
  token: z
    .string()
    .optional()
    .meta({ description: 'A token with the scope `report`, if the service has tokens.' }),
  token_file: z.string().min(1).optional().meta({ description: 'A file that holds it.' }),
  workers: z.int().min(1).max(100).default(2).meta({ description: 'Tasks that are run at the same time.' }),
  executors: z
    .array(labelValue)
    .optional()
    .meta({ description: 'The executors to take tasks for; all whose program is found, unless said.' }),
  projects: z
    .array(labelValue)
    .optional()
    .meta({ description: 'The projects to take tasks of; all, unless said.' }),
  tags: z
    .array(z.string())
    .optional()
    .meta({ description: 'What this runner offers to tasks that ask for tags.' }),
  metrics_host: z
    .string()
    .default('127.0.0.1')
    .meta({ description: 'Address that the runner’s metrics listen on.' }),
  metrics_name: z.hostname().optional().meta({
    description:
      'Under which name Prometheus reaches this machine; the address, unless said, or the host’s name if that is all of them.',
  }),
  metrics_port: port.default(usualMetricsPort).meta({ description: 'Port of the runner’s metrics.' }),
  poll_seconds: seconds
    .default(2)
    .meta({ description: 'Time between two claims while there is nothing to do.' }),
  grace_seconds: z
    .number()
    .min(0)
    .default(5)
    .meta({ description: 'Time between TERM and KILL for a task’s processes.' }),
  stop_grace_seconds: z.number().min(0).default(10).meta({
    description: 'How long running tasks may go on after TERM or Ctrl-C, before they are handed back.',
  }),
  first_byte_seconds: seconds
    .default(300)
    .meta({ description: 'How long an agent that streams may take before its first output.' }),
  stall_seconds: seconds
    .default(900)
    .meta({ description: 'How long an agent that streams may then be silent.' }),
  after_result_seconds: seconds
    .default(30)
    .meta({ description: 'How long a process may live on after its final result.' }),
  keep_failed_hours: z
    .number()
    .min(0)
    .default(72)
    .meta({ description: 'How long the work tree of a failed attempt is kept.' }),
  log_max_bytes: z
    .int()
    .min(65_536)
    .default(64 * 1024 * 1024)
    .meta({ description: 'How much of an attempt’s output its log keeps: head and tail.' }),
  prompts_dir: z
    .string()
    .optional()
    .meta({ description: 'Prompt templates: `<task_type>.md`, `<task_type>.<variant>.md`.' }),
  skills_dir: z
    .string()
    .optional()
    .meta({ description: 'Skill overlays: `<skill_version>/` is copied into the work tree.' }),
});

const agentCli = (command: string, title: string) =>
  z
    .strictObject({
      command: z
        .string()
        .default(command)
        .meta({ description: `The program of ${title}.` }),
      args: z.array(z.string()).default([]).meta({ description: 'Further arguments.' }),
      billing: z
        .enum(['metered', 'subscription', 'unknown'])
        .default('unknown')
        .meta({ description: 'Whether a figure of its cost is paid or notional.' }),
    })
    .prefault({});

const executors = z.strictObject({
  'claude-code': agentCli('claude', 'Claude Code'),
  codex: agentCli('codex', 'Codex'),
  cursor: agentCli('cursor-agent', 'Cursor'),
  gemini: agentCli('gemini', 'Gemini CLI'),
  opencode: agentCli('opencode', 'OpenCode'),
  aider: agentCli('aider', 'Aider'),
});

const projects = z
  .record(
    labelValue,
    z.strictObject({
      repo: z.string().optional(),
      base_ref: z.string().optional(),
      verify: z.array(z.string().min(1).max(8192)).max(20).optional(),
    }),
  )
  .default({})
  .meta({ description: 'What a task of a project has unless it says: `repo`, `base_ref`, `verify`.' });

const usd = z.number().min(0.01).max(1e6);

const budget = z.strictObject({
  daily_usd: usd.optional().meta({
    description: 'What may be spent in 24 hours, of all projects together; no limit, unless said.',
  }),
  projects: z
    .record(labelValue, usd)
    .default({})
    .meta({ description: 'What single projects may spend in 24 hours: `{ shop: 10 }`.' }),
  throttle: z.boolean().default(false).meta({
    description: 'Whether a budget that is spent holds back all tasks but critical ones.',
  }),
  count_notional: z.boolean().default(false).meta({
    description: 'Whether what a subscription would have cost counts as spent.',
  }),
});

const improvements = z.strictObject({
  cooldown_seconds: z.number().min(0).default(86_400).meta({
    description: 'How long an improvement that ended keeps its identity from being proposed again.',
  }),
  budget: z
    .strictObject({
      per_hour: z.int().min(0).default(2).meta({ description: 'Proposals within any hour.' }),
      per_day: z.int().min(0).default(10).meta({ description: 'Proposals within any 24 hours.' }),
      open: z
        .int()
        .min(0)
        .default(5)
        .meta({ description: 'Proposals that are not decided, or whose task has not ended, at once.' }),
    })
    .prefault({})
    .meta({ description: 'How many proposals are made; one digest lists what is over it.' }),
  task: z
    .strictObject({
      task_type: labelValue.default('heal').meta({
        description:
          'Its type. Alerts about tasks of this type propose nothing: they may be about improvements.',
      }),
      executor: labelValue
        .optional()
        .meta({ description: 'Its executor; by the rules for tasks, unless said.' }),
      model: labelValue.optional().meta({ description: 'Its model; by the rules for tasks, unless said.' }),
      command: z
        .string()
        .max(8192)
        .optional()
        .meta({ description: 'What a `shell` improvement task runs. Never taken from an alert.' }),
      repo: z.string().optional().meta({ description: 'Where it works.' }),
      base_ref: z.string().optional().meta({ description: 'What it starts from.' }),
      priority: z.int().default(100).meta({ description: 'Its place in the queue.' }),
      critical: z
        .boolean()
        .default(false)
        .meta({ description: 'Whether it is handed out though a budget is spent.' }),
      max_attempts: z.int().min(1).default(1).meta({ description: 'How often it is tried.' }),
    })
    .prefault({})
    .meta({ description: 'How an approved improvement is run.' }),
});

const server = (defaultPort: number, name: string) =>
  z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .meta({ description: `Whether \`andon start\` starts ${name} too.` }),
      port: port.default(defaultPort).meta({ description: `${name}’s port on loopback.` }),
    })
    .prefault({});

/** A full set of objectives of which any may be left out. */
const objectiveChanges = z
  .strictObject(
    Object.fromEntries(
      Object.entries(objectives.shape).map(([name, schema]) => [
        name,
        (schema instanceof z.ZodObject ? schema.partial() : schema).optional(),
      ]),
    ),
  )
  .default({});

const monitoring = z.strictObject({
  profile: z
    .enum(['default', 'demo'])
    .default('default')
    .meta({ description: 'The set of thresholds and windows to start from.' }),
  objectives: objectiveChanges.meta({ description: 'Changes of single thresholds and windows.' }),
  prometheus: server(9090, 'Prometheus'),
  alertmanager: server(9093, 'Alertmanager'),
  grafana_url: httpAddress
    .optional()
    .meta({ description: 'How people reach Grafana; alerts link to its dashboards then.' }),
});

/** Everything that can be set, in `andon.yaml`; single members by environment variables (`environment`). */
export const configSchema = z.strictObject({
  data_dir: z.string().default('./data').meta({ description: 'Where everything is kept.' }),
  store: z
    .string()
    .optional()
    .meta({ description: 'The store, as `sqlite:PATH`; `andon.db` in the data folder, unless said.' }),
  log_level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta({ description: 'What the program’s own log tells.' }),
  install_servers: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether missing servers may be downloaded into the cache folder.' }),
  export_traces: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether spans go out over OTLP; true if `OTEL_EXPORTER_OTLP_ENDPOINT` is set.' }),
  service: service.prefault({}),
  tasks: tasks.prefault({}),
  runner: runner.prefault({}),
  executors: executors.prefault({}),
  projects,
  prices_file: z
    .string()
    .optional()
    .meta({ description: 'A `prices.yaml` of your own, that goes before the built-in table.' }),
  budget: budget.prefault({}),
  improvements: improvements.prefault({}),
  monitoring: monitoring.prefault({}),
  notifications: notifications.prefault({}),
});
export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;

const listOf = (value: string) => value.split(/[\s,]+/).filter(Boolean);

/** The environment variables that are read, and the setting that each one is. */
export const environment: Record<string, { path: string[]; read: (value: string) => unknown }> = {
  ANDON_DATA_DIR: { path: ['data_dir'], read: String },
  ANDON_STORE: { path: ['store'], read: String },
  ANDON_LOG_LEVEL: { path: ['log_level'], read: String },
  ANDON_NO_INSTALL: {
    path: ['install_servers'],
    read: (value) => installAllowed({ ANDON_NO_INSTALL: value }),
  },
  ANDON_HOST: { path: ['service', 'host'], read: String },
  ANDON_PORT: { path: ['service', 'port'], read: Number },
  ANDON_ALLOWED_HOSTS: { path: ['service', 'allowed_hosts'], read: listOf },
  ANDON_TOKENS_DIR: { path: ['service', 'tokens_dir'], read: String },
  ANDON_PUBLIC_URL: { path: ['service', 'public_url'], read: String },
  ANDON_RUNNER_ID: { path: ['runner', 'id'], read: String },
  ANDON_SERVICE_URL: { path: ['runner', 'service_url'], read: String },
  ANDON_TOKEN: { path: ['runner', 'token'], read: String },
  ANDON_TOKEN_FILE: { path: ['runner', 'token_file'], read: String },
  ANDON_WORKERS: { path: ['runner', 'workers'], read: Number },
  ANDON_METRICS_HOST: { path: ['runner', 'metrics_host'], read: String },
  ANDON_METRICS_NAME: { path: ['runner', 'metrics_name'], read: String },
  ANDON_METRICS_PORT: { path: ['runner', 'metrics_port'], read: Number },
  OTEL_EXPORTER_OTLP_ENDPOINT: { path: ['export_traces'], read: (value) => value !== '' },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: { path: ['export_traces'], read: (value) => value !== '' },
};

/**
 * Reads the configuration: command line over environment over file over defaults; the runner's token also from its file.
 * @throws AppError `invalid` that names each wrong setting, or the file that cannot be read
 */
export function loadConfig(
  options: { file?: string; env?: NodeJS.ProcessEnv; overrides?: Record<string, unknown> } = {},
): Config {
  const env = options.env ?? inheritedEnvironment();
  const settings = readFile(options.file ?? env.ANDON_CONFIG);
  for (const [name, { path, read }] of Object.entries(environment)) {
    const value = env[name];
    // An empty one is as good as none: `ANDON_PORT= npm start` means the default.
    if (value !== undefined && value !== '') assign(settings, path, read(value));
  }
  for (const [path, value] of Object.entries(options.overrides ?? {})) {
    if (value !== undefined) assign(settings, path.split('.'), value);
  }
  return withTokenOfFile(parseConfig(settings));
}

/** A token that is given as itself goes before one in a file. */
function withTokenOfFile(config: Config): Config {
  const { token, token_file } = config.runner;
  if (token !== undefined || token_file === undefined) return config;
  return { ...config, runner: { ...config.runner, token: readToken(token_file) } };
}

/** @throws AppError `invalid` if there is none */
function readToken(file: string): string {
  let content: string;
  try {
    content = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new AppError('invalid', `cannot read runner.token_file ${file}: ${reasonOf(cause)}`, { cause });
  }
  if (content === '') throw new AppError('invalid', `runner.token_file ${file} is empty`);
  return content;
}

/** Whether missing servers may be downloaded, as far as the environment says; for what reads no settings. */
export function installAllowed(env: NodeJS.ProcessEnv = inheritedEnvironment()): boolean {
  const value = env.ANDON_NO_INSTALL;
  return value === undefined || value === '' || value === '0';
}

/** @throws AppError `invalid` that names each wrong setting */
export function parseConfig(settings: unknown): Config {
  const parsed = configSchema.superRefine(refuseContradictions).safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error);
  const lines = problems.map(
    ({ pointer, detail }) => `  ${pointer.slice(1).replaceAll('/', '.') || 'file'}: ${detail}`,
  );
  throw new AppError('invalid', ['these settings cannot be used:', ...lines].join('\n'), { problems });
}

function refuseContradictions(
  { tasks, budget, improvements, notifications }: Config,
  context: z.RefinementCtx,
): void {
  if (budget.throttle && budget.daily_usd === undefined && Object.keys(budget.projects).length === 0) {
    const message = 'there is no limit: set budget.daily_usd or budget.projects';
    context.addIssue({ code: 'custom', path: ['budget', 'throttle'], message });
  }
  const { task_type } = improvements.task;
  if (!tasks.types.includes(task_type)) {
    const message = `${task_type} is not one of tasks.types (${tasks.types.join(', ')})`;
    context.addIssue({ code: 'custom', path: ['improvements', 'task', 'task_type'], message });
  }
  if (notifications.report && !notifications.alertmanager_url && !tellsPeople(notifications)) {
    const message = 'has nowhere to go: it needs slack, email or webhook, or an alertmanager_url';
    context.addIssue({ code: 'custom', path: ['notifications', 'report'], message });
  }
}

/** Whether the service asks for a token whatever is wanted of it. */
export function asksForTokens({ service: { tokens, tokens_dir } }: Config): boolean {
  return tokens.length > 0 || tokens_dir !== undefined;
}

/** The thresholds and windows in force: the profile with the changes on top. */
export function objectivesOf(config: Config): Objectives {
  const changes: Record<string, unknown> = config.monitoring.objectives;
  const merged = Object.entries(profiles[config.monitoring.profile]).map(([name, value]) => {
    const change = changes[name];
    return [name, typeof change === 'object' ? { ...Object(value), ...change } : (change ?? value)];
  });
  return objectives.parse(Object.fromEntries(merged));
}

function readFile(file: string | undefined): Record<string, unknown> {
  const path = file ?? (existsSync('andon.yaml') ? 'andon.yaml' : undefined);
  if (!path) return {};
  try {
    const content: unknown = parse(readFileSync(resolve(path), 'utf8')) ?? {};
    if (typeof content === 'object' && !Array.isArray(content)) return { ...content };
  } catch (error) {
    throw new AppError('invalid', `cannot read the settings in ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  throw new AppError('invalid', `${path} must be a mapping of settings`);
}

/** One line: Node's code without the path again, or the first line of what YAML says. */
function reasonOf(error: unknown): string {
  const line = messageOf(error).split('\n', 1)[0] ?? '';
  return error instanceof Error && 'syscall' in error
    ? (line.split(',', 1)[0] ?? line)
    : line.replace(/:$/, '');
}

function assign(settings: Record<string, unknown>, path: string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    settings[head] = value;
    return;
  }
  const inner = settings[head];
  const copy: Record<string, unknown> = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  settings[head] = copy;
  assign(copy, rest, value);
}
