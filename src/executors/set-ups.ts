import type { CliName } from './cli-names.ts';
import type { CliSetUp } from './executor.ts';

/** How each agent CLI is installed, logged in to and let change files. Apart from the executors: help is shown without them. */
export const setUps: Record<CliName, CliSetUp> = {
  'claude-code': {
    name: 'claude-code',
    install: 'Install Claude Code (npm install -g @anthropic-ai/claude-code)',
    logIn: 'log in by running `claude` once',
    variables: [
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_AUTH_TOKEN',
      'CLAUDE_CODE_OAUTH_TOKEN',
      'CLAUDE_CODE_USE_BEDROCK',
      'CLAUDE_CODE_USE_VERTEX',
      'CLAUDE_CODE_USE_FOUNDRY',
    ],
    files: (env) => [`${env.CLAUDE_CONFIG_DIR ?? '.claude'}/.credentials.json`],
    argsToWrite: ['--permission-mode', 'acceptEdits'],
  },
  codex: {
    name: 'codex',
    install: 'Install Codex (npm install -g @openai/codex)',
    logIn: 'log in by `codex login`',
    variables: ['CODEX_API_KEY', 'OPENAI_API_KEY', 'CODEX_ACCESS_TOKEN'],
    files: (env) => [`${env.CODEX_HOME ?? '.codex'}/auth.json`],
    argsToWrite: ['--sandbox', 'workspace-write'],
  },
  cursor: {
    name: 'cursor',
    install: 'Install Cursor’s CLI (curl https://cursor.com/install -fsS | bash)',
    logIn: 'log in by `cursor-agent login`',
    variables: ['CURSOR_API_KEY', 'CURSOR_AUTH_TOKEN'],
    // Where it is kept has changed from build to build; on macOS it is the keychain.
    files: (env) => [
      `${env.XDG_CONFIG_HOME ?? '.config'}/cursor/auth.json`,
      `${env.XDG_CONFIG_HOME ?? '.config'}/cursor-agent/auth.json`,
      '.cursor/auth.json',
      '.cursor-agent/auth.json',
      '.local/share/cursor-agent/auth.json',
      '.cursor/cli-config.json',
    ],
    argsToWrite: ['--force'],
  },
  gemini: {
    name: 'gemini',
    install: 'Install Gemini CLI (npm install -g @google/gemini-cli)',
    logIn: 'log in by running `gemini` once',
    variables: [
      'GEMINI_API_KEY',
      'GOOGLE_API_KEY',
      'GOOGLE_GENAI_USE_VERTEXAI',
      'GOOGLE_GENAI_USE_GCA',
      'GOOGLE_GEMINI_BASE_URL',
      'GEMINI_CLI_USE_COMPUTE_ADC',
    ],
    files: () => ['.gemini/oauth_creds.json', '.gemini/.env'],
    argsToWrite: ['--approval-mode=yolo', '--skip-trust'],
  },
  opencode: {
    name: 'opencode',
    install: 'Install OpenCode (npm install -g opencode-ai)',
    logIn: 'log in by `opencode auth login`',
    variables: [
      'OPENCODE_API_KEY',
      'ANTHROPIC_API_KEY',
      'OPENAI_API_KEY',
      'GEMINI_API_KEY',
      'OPENROUTER_API_KEY',
    ],
    files: (env) => [`${env.XDG_DATA_HOME ?? '.local/share'}/opencode/auth.json`],
    argsToWrite: ['--auto'],
  },
  aider: {
    name: 'aider',
    install: 'Install Aider (uv tool install aider-chat)',
    logIn: 'name a model’s key in `~/.aider.conf.yml`',
    variables: [
      'ANTHROPIC_API_KEY',
      'OPENAI_API_KEY',
      'GEMINI_API_KEY',
      'DEEPSEEK_API_KEY',
      'OPENROUTER_API_KEY',
      'AIDER_API_KEY',
    ],
    files: () => ['.aider.conf.yml', '.aider/oauth-keys.env', '.env'],
  },
};
