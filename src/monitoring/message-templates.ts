import { readFileSync } from 'node:fs';
import { alertDeclarations } from './alerts/registry.ts';
import { defaultPublicUrl } from './rule-file.ts';

/** The templates of what people are told, as Alertmanager reads them: those of `alerts/andon.tmpl`, with our address. */
export function messageTemplates(publicUrl = defaultPublicUrl): string {
  const url = publicUrl.replace(/\/+$/, '');
  const proposing = alertDeclarations.filter(({ improvement }) => improvement).map(({ name }) => name);
  // Alertmanager knows no id of ours, only the alert's.
  const address = `${url}/improvements?alert_fingerprint={{ .Fingerprint }}`;
  const link = (name: string, text: string) =>
    `{{ define "${name}" }}{{ if match "^(${proposing.join('|')})$" .Labels.alertname }}${text}{{ end }}{{ end }}\n`;
  return [
    `{{ define "andon.url" }}${url}{{ end }}\n`,
    link('andon.proposal_line', `Proposal:   ${address}\n`),
    link('andon.proposal_html', ` · <a href="${address}">Proposal</a>`),
    link('andon.proposal_slack', ` · <${address}|Proposal>`),
    readFileSync(new URL('../../alerts/andon.tmpl', import.meta.url), 'utf8'),
  ].join('');
}
