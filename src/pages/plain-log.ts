import { stripVTControlCharacters } from 'node:util';

/** Control characters but for tabs and line feeds. */
const invisible = /[^\P{Cc}\t\n]/gu;

/** Terminal output as text: without colours and cursor movements; of a line that was written over, the last state. */
export function plainLog(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n'))
    .replaceAll(/[^\n]*\r(?!\n)/g, '')
    .replaceAll(invisible, '');
}
