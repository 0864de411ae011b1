// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const sequences = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Terminal output as text: without colours and cursor movements; of a line that was written over, the last state. */
export function plainLog(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(sequences, '')
    .replaceAll(/[^\n]*\r(?!\n)/g, '')
    .replaceAll(invisible, '');
}
