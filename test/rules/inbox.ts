import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Call {
  path: string;
  body: string;
}

/** A place on loopback that takes HTTP calls and mail, and keeps them. */
export interface Inbox {
  url: string;
  smarthost: string;
  calls: Call[];
  /** As they came over SMTP: header and body. */
  mails: string[];
  /** Paths that answer 500. */
  failing: Set<string>;
  close(): Promise<void>;
}

export async function openInbox(): Promise<Inbox> {
  const calls: Call[] = [];
  const mails: string[] = [];
  const failing = new Set<string>();
  const http = createServer(async (request, response) => {
    const path = request.url ?? '';
    calls.push({ path, body: await bodyOf(request) });
    response.writeHead(failing.has(path) ? 500 : 200).end('ok');
  });
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, _session, done) => {
      bodyOf(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    smarthost: `127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    calls,
    mails,
    failing,
    close: async () => {
      http.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => smtp.close(resolve));
    },
  };
}

async function bodyOf(stream: NodeJS.ReadableStream | IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** The part of a mail with this content type, as text. */
export function partOf(mail: string, type: 'text/plain' | 'text/html'): string {
  const boundary = /boundary="?([^"\s;]+)/.exec(mail)?.[1] ?? '';
  const part =
    mail.split(`--${boundary}`).find((one) => one.toLowerCase().includes(`content-type: ${type}`)) ?? '';
  const [, ...body] = part.split('\r\n\r\n');
  return decodeQuotedPrintable(body.join('\r\n\r\n'));
}

/** RFC 2045, section 6.7. */
function decodeQuotedPrintable(text: string): string {
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}
