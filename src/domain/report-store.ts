/** Which scheduled report was the last that was sent, by when it was due. */
export interface ReportStore {
  lastDue(): Promise<number | undefined>;
  /** Never moves back. */
  markSent(due: number): Promise<void>;
}
