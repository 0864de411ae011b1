/** Our environment variables: the one place that reads them. What the processes that we start inherit. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}
