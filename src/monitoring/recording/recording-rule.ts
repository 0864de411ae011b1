/** One recording rule; its name is `level:metric:operation`. */
export interface RecordingRule {
  record: string;
  expr: string;
  /** What it is for, for the docs. */
  help: string;
}
