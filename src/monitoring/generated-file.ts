/** A file that is made from the declarations; `path` is relative to the folder it is written in. */
export interface GeneratedFile {
  path: string;
  content: string;
  /** Whether it may hold secrets: it is the user's alone then. */
  secret?: boolean;
}
