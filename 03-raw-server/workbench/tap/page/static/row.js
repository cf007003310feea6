// An event in a line: which filter it belongs to, and what stands in each
// column.

import { bytes, number, t } from './i18n.js';

export const kinds = ['text', 'binary', 'continuation', 'close', 'ping', 'pong', 'http', 'other'];

const http = ['request', 'response', 'body', 'handshake'];

export function kindOf(event) {
  if (event.kind === 'frame') return kinds.includes(event.opcode) ? event.opcode : 'other';
  return http.includes(event.kind) ? 'http' : 'other';
}

export const arrow = (event) => ({ client: '→', server: '←' })[event.from] ?? '';

// columns are the texts of a line, by the class of their column.
export function columns(event) {
  const flags = event.kind === 'frame' ? [...event.fin ? ['FIN'] : [], ...(event.rsv ?? []).map((n) => `RSV${n}`)] : [];
  return {
    at: (event.at_ms / 1000).toFixed(3),
    number: event.conn,
    kind: `${arrow(event)} ${event.opcode ?? t(`event.${event.kind}`)}`,
    flags: flags.join(' '),
    key: event.mask ?? '',
    length: event.length === undefined ? '' : number(event.length),
    payload: payload(event),
  };
}

const most = 200; // letters of a payload in a line

function payload(event) {
  if (event.broken) return t('row.broken', event.broken);
  if (event.kind === 'handshake') {
    const faults = event.faults ? t('row.faults', { n: event.faults.length }) : '';
    if (!event.accepted) return t('row.refused') + faults;
    return (event.extensions ? t('row.websocket', event) : t('row.plain')) + faults;
  }
  if (event.close) return event.close.code === 1005 ? t('row.nocode') : `${event.close.code} ${event.close.reason}`;
  const inflated = event.inflated;
  if (inflated) {
    return inflated.lost ? t('row.deflated') + inflated.lost : t('row.inflated', { n: bytes(inflated.length) }) + content(inflated);
  }
  if (event.compressed) return t('row.deflated') + content(event);
  if (event.kind === 'request' || event.kind === 'response') return event.note;
  if (event.note) return event.note;
  return event.length === undefined ? '' : event.length === 0 ? t('row.empty') : content(event);
}

const content = ({ text, hex }) => (text ?? hex?.slice(0, 2 * most).replace(/../g, '$& ') ?? '').slice(0, most).replace(/\s+/g, ' ');
