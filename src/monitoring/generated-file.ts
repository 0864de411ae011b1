/** A file that is made from the declarations; `path` is relative to the folder it is written in. */
export interface GeneratedFile {
  path: string;
  content: string;
}
