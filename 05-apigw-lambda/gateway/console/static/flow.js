// A group's events as a sequence diagram: three lifelines, and a step each,
// which is a list for whoever does not see the lines.

import { short, tint } from './connection.js';
import { h } from './dom.js';
import { bytes, duration, t } from './i18n.js';
import { because } from './why.js';

// flow draws a group's steps. The third lifeline is what ran.
export function flow(group) {
  const steps = group.events.flatMap((event) => tellers[event.kind]?.(event, group) ?? []);
  if (group.kind === 'connect' && group.text) steps.unshift(step('c-g', false, code(`GET ${group.text}`)));
  const third = (!asks(group) && (group.function || group.integration)) || 'Lambda';
  return h('div', { class: 'flow' },
    h('div', { class: 'lanes', 'aria-hidden': 'true' }, h('span', {}, t('flow.client')), h('span', {}, 'API Gateway'), h('span', {}, third)),
    h('ol', { class: 'steps' }, ...steps));
}

// asks says that there are two functions, on one lifeline.
const asks = (group) => group.events.some(({ kind }) => kind === 'authorized');

// A way is where a step goes from and to: c the client, g the gateway, f the
// function. Without an arrow it happens there.
const step = (way, bad, ...label) => h('li', { class: `step ${way}`, 'data-bad': Boolean(bad) },
  h('span', { class: 'unseen' }, t(aloud[way])), h('span', { class: 'label' }, ...label));
const aloud = { 'c-g': 'flow.c.g', 'g-c': 'flow.g.c', 'g-f': 'flow.g.f', 'f-g': 'flow.f.g', 'f-c': 'flow.f.c', g: 'flow.g', f: 'flow.f' };
const cut = 90; // all of it stands below
const code = (text) => h('code', {}, text.length > cut ? `${text.slice(0, cut)}…` : text);

const tellers = {
  opened: (e) => [step('g-c', false, e.why ? t('flow.opened.protocol', { protocol: e.why }) : t('flow.opened'))],
  refused: (e) => [step('g-c', true, `${e.status} `, because(e.why))],
  authorized: (e) => (e.micros ? [
    step('g-f', false, t('flow.authorizer', { name: e.function ?? '' })),
    step('f-g', e.status !== 200, [t('flow.authorized', { status: e.status }), because(e.why), duration(e.micros)].filter(Boolean).join(' · ')),
  ] : [step('g', true, t('flow.authorized', { status: e.status }), h('br'), because(e.why))]), // it was not even run
  message: (e) => [step('c-g', false, code(e.text ?? ''), ` ${bytes(e.size ?? 0)}`)],
  routed: (e) => [step('g', !e.route, e.route ? h('code', {}, e.route) : t('row.noroute'), h('br'), because(e.why))],
  invoked: (e, group) => [step('g-f', false, asks(group) ? `${e.function} · ` : '', t('flow.invoked', { route: e.route }))],
  answered: (e) => [
    ...e.cold ? [step('f', false, t('flow.cold', { n: e.environment }))] : [],
    step('f-g', e.error || e.status >= 400, [e.status || '', because(e.error), duration(e.micros ?? 0)].filter(Boolean).join(' · ')),
  ],
  posted: (e) => [step('f-c', e.status >= 400,
    `${e.method} ${e.status} `, h('span', { class: 'who', 'data-tint': tint(e.connection) }, short(e.connection ?? '')), ' ',
    because(e.why), e.why ? ' ' : '', e.text ? code(e.text) : '')],
  sent: (e) => [step('g-c', e.error, code(e.text ?? ''), e.error ? ` ${e.error}` : '')],
  closed: (e, group) => [step('g', group.failed, t('flow.closed', { code: e.status, reason: e.why ?? '' }))],
};
